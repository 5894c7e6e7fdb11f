//! Accounts: one's own, and everyone's for administrators.

pub(crate) mod change;
mod change_email;
mod change_password;
mod create;
mod delete_account;
mod detail;
mod end_sessions;
mod erase;
mod error;
mod last_admin;
mod list;
pub(crate) mod profile;
mod send_reset_link;

use std::sync::Arc;

use portreeve_contract::{
    UserId,
    user::{
        ChangeEmail, ChangePassword, DeleteAccount, DeletionScheduled, Profile, ProfileChange, UserChange, UserDetail, UserPage, UserQuery,
        UserStatus, UserSummary,
    },
};
use portreeve_database::{
    Transaction,
    user::{self, Kind, User},
};

pub use self::{create::NewUser, error::Error};
use crate::{Caller, Fault, auth::Error as AuthError, core::Core, idempotency::Effect};

/// Accounts.
#[derive(Clone, Debug)]
pub struct Users {
    core: Arc<Core>,
}

impl Users {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The caller's own account.
    pub fn profile(&self, caller: &Caller) -> Profile {
        caller.profile.clone()
    }

    /// Changes what the caller may change without further proof, if the account is still as `seen`.
    ///
    /// # Errors
    /// [`Error::Changed`], [`Error::Invalid`].
    #[tracing::instrument(target = "otel", level = "trace", name = "users.update_profile", skip_all)]
    pub async fn update_profile(&self, caller: &Caller, seen: Option<u64>, change: ProfileChange) -> Result<Profile, Error> {
        profile::update(&self.core, caller, seen, change).await
    }

    /// Sends a link to the new address; the account moves there when the link is used.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::Invalid`], [`Error::EmailTaken`] where verification is optional, [`Error::Throttled`]; [`Error::Idempotency`] if
    /// `idempotency_key` was used for something else.
    #[tracing::instrument(target = "otel", level = "trace", name = "users.change_email", skip_all)]
    pub async fn change_email(&self, caller: &Caller, form: ChangeEmail, idempotency_key: Option<String>) -> Result<Effect, Error> {
        change_email::change_email(&self.core, caller, form, idempotency_key).await
    }

    /// Replaces the password and ends the other sessions.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::Invalid`], [`Error::Throttled`].
    #[tracing::instrument(target = "otel", level = "trace", name = "users.change_password", skip_all)]
    pub async fn change_password(&self, caller: &Caller, form: ChangePassword) -> Result<(), Error> {
        change_password::change_password(&self.core, caller, form).await
    }

    /// Ends every session now, and the account after a while unless its owner signs in.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::LastAdmin`], [`Error::Throttled`].
    #[tracing::instrument(target = "otel", level = "trace", name = "users.delete_account", skip_all)]
    pub async fn delete_account(&self, caller: &Caller, form: DeleteAccount) -> Result<DeletionScheduled, Error> {
        delete_account::delete_account(&self.core, caller, form).await
    }

    /// One page of all accounts. Administrators only.
    #[tracing::instrument(target = "otel", level = "trace", name = "users.list", skip_all)]
    pub async fn list(&self, caller: &Caller, query: UserQuery) -> Result<UserPage, Error> {
        caller.require_admin()?;
        list::list(&self.core, query).await
    }

    /// One account. Administrators only.
    #[tracing::instrument(target = "otel", level = "trace", name = "users.detail", skip_all)]
    pub async fn detail(&self, caller: &Caller, id: UserId) -> Result<UserDetail, Error> {
        caller.require_admin()?;
        detail::detail(&self.core, id).await
    }

    /// Makes a member an administrator or the other way round, shuts an account and ends its sessions, or opens it again, if the account is still
    /// as `seen`. Administrators only.
    ///
    /// # Errors
    /// [`Error::LastAdmin`], [`Error::Changed`].
    #[tracing::instrument(target = "otel", level = "trace", name = "users.update", skip_all)]
    pub async fn update(&self, caller: &Caller, id: UserId, seen: Option<u64>, change: UserChange) -> Result<UserDetail, Error> {
        caller.require_admin()?;
        change::change(&self.core, Some(caller.user), id, seen, change).await
    }

    /// Signs a person out everywhere. Administrators only.
    #[tracing::instrument(target = "otel", level = "trace", name = "users.end_sessions", skip_all)]
    pub async fn end_sessions(&self, caller: &Caller, id: UserId) -> Result<(), Error> {
        caller.require_admin()?;
        end_sessions::end_sessions(&self.core, Some(caller.user), id).await
    }

    /// Mails a person a link that sets a new password. Administrators only.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Idempotency`] if `idempotency_key` was used for something else.
    #[tracing::instrument(target = "otel", level = "trace", name = "users.send_reset_link", skip_all)]
    pub async fn send_reset_link(&self, caller: &Caller, id: UserId, idempotency_key: Option<String>) -> Result<Effect, Error> {
        caller.require_admin()?;
        send_reset_link::send_reset_link(&self.core, caller, id, idempotency_key).await
    }

    /// Makes an account from the command line.
    ///
    /// # Errors
    /// [`AuthError::Invalid`], [`AuthError::EmailTaken`].
    pub async fn create(&self, new: NewUser) -> Result<UserSummary, AuthError> {
        create::create(&self.core, new).await
    }

    /// Every account, a page at a time, from the command line.
    pub async fn list_as_operator(&self, query: UserQuery) -> Result<UserPage, Error> {
        list::list(&self.core, query).await
    }

    /// The account with that address, from the command line.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn find_as_operator(&self, email: &str) -> Result<UserSummary, Error> {
        let email_key = email.trim().to_lowercase();
        let found = user::find_by_email(self.core.database.reader(), &email_key).await?;
        found.map(summary).ok_or(Error::NotFound)
    }

    /// What an administrator does by [`Self::update`], from the command line.
    ///
    /// # Errors
    /// [`Error::LastAdmin`].
    pub async fn update_as_operator(&self, id: UserId, change: UserChange) -> Result<UserDetail, Error> {
        change::change(&self.core, None, id, None, change).await
    }

    /// Signs a person out everywhere, from the command line.
    pub async fn end_sessions_as_operator(&self, id: UserId) -> Result<(), Error> {
        end_sessions::end_sessions(&self.core, None, id).await
    }

    /// Erases the accounts whose time has come.
    ///
    /// # Errors
    /// The database's.
    pub async fn erase_due(&self) -> Result<(), Fault> {
        erase::erase_due(&self.core).await
    }
}

/// The current password, once more. Throttled like a sign-in from a device of one's own.
async fn confirm_password(core: &Core, caller: &Caller, field: &'static str, password: &str) -> Result<User, Error> {
    core.throttle.confirmation(caller.user).await.map_err(Error::Throttled)?;
    let user = find(core, caller.user).await?;
    match core.passwords.verify(password, Some(&user.password_hash)).await? {
        crate::passwords::Verdict::Right { .. } => Ok(user),
        crate::passwords::Verdict::Wrong => Err(Error::WrongPassword(field)),
    }
}

/// A person's account.
async fn find(core: &Core, id: UserId) -> Result<User, Error> {
    user::find_of(core.database.reader(), Kind::Person, id).await?.ok_or(Error::NotFound)
}

/// A person's account.
async fn find_for_update(transaction: &Transaction, id: UserId) -> Result<User, Error> {
    user::find_of_for_update(transaction, Kind::Person, id).await?.ok_or(Error::NotFound)
}

/// What [`portreeve_contract::user`] calls the version.
pub(crate) fn version(user: &User) -> u64 {
    u64::try_from(user.version).unwrap_or_default()
}

/// Passes if the account is still as somebody saw it, or if they do not mind.
fn not_changed(user: &User, seen: Option<u64>) -> Result<(), Error> {
    if seen.is_none_or(|seen| seen == version(user)) { Ok(()) } else { Err(Error::Changed) }
}

fn summary(user: User) -> UserSummary {
    let status = match (user.disabled_at, user.erase_at) {
        (Some(_), _) => UserStatus::Disabled,
        (None, Some(_)) => UserStatus::Deleting,
        (None, None) => UserStatus::Active,
    };
    UserSummary {
        version: version(&user),
        id: user.id,
        name: user.name,
        email: user.email,
        email_verified: user.email_verified_at.is_some(),
        role: user.role.into(),
        status,
        created_at: user.created_at,
    }
}
