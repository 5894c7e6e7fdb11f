//! Who makes and revokes keys.

use chrono::{DateTime, Utc};
use portreeve_contract::UserId;
use portreeve_database::{
    Transaction,
    user::{self, Kind},
};
use serde_json::{Value, json};

use super::Error;
use crate::{Credential, events::Event};

/// Whoever makes or revokes a key.
#[derive(Clone, Debug)]
pub(super) enum By {
    /// A person, of their own, known by this.
    Owner(Credential),
    /// An administrator, or the operator at the command line, of a service account's. Of another person's nobody does.
    Admin(Option<UserId>),
}

impl By {
    /// Passes if keys of this account are theirs to make and revoke; the account stays until the transaction ends.
    pub(super) async fn may(&self, transaction: &Transaction, owner: UserId) -> Result<(), Error> {
        match self {
            Self::Owner(_) => Ok(()),
            Self::Admin(_) => {
                let found = user::find_of_for_update(transaction, Kind::ServiceAccount, owner).await?;
                found.map(drop).ok_or(Error::NoServiceAccount)
            }
        }
    }

    /// As [`Self::may`]. A key that was asked for before the password was reset must not outlive that: whoever resets it holds the account, too.
    pub(super) async fn may_make(&self, transaction: &Transaction, owner: UserId, now: DateTime<Utc>) -> Result<(), Error> {
        self.may(transaction, owner).await?;
        if let Self::Owner(credential) = self {
            user::find_for_update(transaction, owner).await?;
            if !credential.is_live(transaction, now).await? {
                return Err(Error::SessionOver);
            }
        }
        Ok(())
    }

    /// Tells of it, and whose doing it was where that is not the owner's.
    pub(super) fn event(&self, r#type: &'static str, owner: UserId, mut data: Value) -> Event {
        if let Self::Admin(admin) = self {
            data["by"] = json!(admin);
        }
        Event::user(r#type, owner, data)
    }
}
