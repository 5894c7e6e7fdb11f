//! Who makes and revokes keys.

use portreeve_contract::UserId;
use portreeve_database::{
    Transaction,
    user::{self, Kind},
};
use serde_json::{Value, json};

use super::Error;
use crate::events::Event;

/// Whoever makes or revokes a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// A person, of their own.
    Owner,
    /// An administrator, or the operator at the command line, of a service account's. Of another person's nobody does.
    Admin(Option<UserId>),
}

impl By {
    /// Passes if keys of this account are theirs to make and revoke; the account stays until the transaction ends.
    pub(super) async fn may(self, transaction: &Transaction, owner: UserId) -> Result<(), Error> {
        match self {
            Self::Owner => Ok(()),
            Self::Admin(_) => {
                let found = user::find_of_for_update(transaction, Kind::ServiceAccount, owner).await?;
                found.map(drop).ok_or(Error::NoServiceAccount)
            }
        }
    }

    /// Tells of it, and whose doing it was where that is not the owner's.
    pub(super) fn event(self, r#type: &'static str, owner: UserId, mut data: Value) -> Event {
        if let Self::Admin(admin) = self {
            data["by"] = json!(admin);
        }
        Event::user(r#type, owner, data)
    }
}
