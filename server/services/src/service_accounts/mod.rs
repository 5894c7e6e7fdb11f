//! Service accounts: identities of machines. Administrators make and keep them; what a machine is known by are its [keys](crate::api_keys).
//!
//! Each is an account like a person's, so that files, events, limits and tokens for upstreams need no second case, and has nothing by which somebody could
//! sign in. Whatever is for people asks for a person's account, and does not find it.

mod change;
mod create;
mod delete;
mod error;
mod list;

use std::sync::Arc;

use portreeve_contract::{
    UserId,
    service_account::{NewServiceAccount, ServiceAccount, ServiceAccountChange, ServiceAccountPage, ServiceAccountQuery},
    user::Access,
};
use portreeve_database::{
    Transaction,
    user::{self, Kind, User},
};

pub use self::{create::Created, error::Error};
use crate::{Caller, core::Core, users::version};

/// Service accounts. All of it is for administrators, and for the operator at the command line.
#[derive(Clone, Debug)]
pub struct ServiceAccounts {
    core: Arc<Core>,
}

impl ServiceAccounts {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// One page of them.
    pub async fn list(&self, caller: &Caller, query: ServiceAccountQuery) -> Result<ServiceAccountPage, Error> {
        caller.require_admin()?;
        list::list(&self.core, query).await
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::NotFound`], for a person's account, too.
    pub async fn find(&self, caller: &Caller, id: UserId) -> Result<ServiceAccount, Error> {
        caller.require_admin()?;
        let found = user::find_of(self.core.database.reader(), Kind::ServiceAccount, id).await?;
        found.map(show).ok_or(Error::NotFound)
    }

    /// Makes one, without a key. The same `idempotency_key` again gets the same answer.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Idempotency`].
    pub async fn create(&self, caller: &Caller, new: NewServiceAccount, idempotency_key: Option<String>) -> Result<Created, Error> {
        caller.require_admin()?;
        create::create(&self.core, caller, new, idempotency_key).await
    }

    /// Renames it, says what it may do, has its keys refused or taken again, if it is still as `seen`.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Changed`], [`Error::Invalid`].
    pub async fn update(
        &self,
        caller: &Caller,
        id: UserId,
        seen: Option<u64>,
        change: ServiceAccountChange,
    ) -> Result<ServiceAccount, Error> {
        caller.require_admin()?;
        change::change(&self.core, Some(caller.user), id, seen, change).await
    }

    /// Erases it with its keys and its files, for good.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn delete(&self, caller: &Caller, id: UserId) -> Result<(), Error> {
        caller.require_admin()?;
        delete::delete(&self.core, Some(caller.user), id).await
    }

    /// As [`Self::list`], from the command line.
    pub async fn list_as_operator(&self, query: ServiceAccountQuery) -> Result<ServiceAccountPage, Error> {
        list::list(&self.core, query).await
    }

    /// As [`Self::create`], from the command line.
    pub async fn create_as_operator(&self, new: NewServiceAccount) -> Result<ServiceAccount, Error> {
        create::create_as_operator(&self.core, new).await
    }

    /// As [`Self::update`], from the command line.
    pub async fn update_as_operator(&self, id: UserId, change: ServiceAccountChange) -> Result<ServiceAccount, Error> {
        change::change(&self.core, None, id, None, change).await
    }

    /// As [`Self::delete`], from the command line.
    pub async fn delete_as_operator(&self, id: UserId) -> Result<(), Error> {
        delete::delete(&self.core, None, id).await
    }
}

async fn find_for_update(transaction: &Transaction, id: UserId) -> Result<User, Error> {
    user::find_of_for_update(transaction, Kind::ServiceAccount, id).await?.ok_or(Error::NotFound)
}

fn show(user: User) -> ServiceAccount {
    ServiceAccount {
        version: version(&user),
        id: user.id,
        name: user.name,
        role: user.role.into(),
        status: if user.disabled_at.is_some() { Access::Disabled } else { Access::Active },
        created_at: user.created_at,
    }
}
