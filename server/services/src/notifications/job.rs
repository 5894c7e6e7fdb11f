//! What a mail is about. Names accounts, holds no tokens: a link is made when its mail is written.

use portreeve_contract::UserId;
use serde::{Deserialize, Serialize};

/// A mail to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Job {
    /// Is this address yours?
    VerifyEmail { user: UserId },
    /// Is this new address yours?
    ChangeEmail { user: UserId },
    /// To the old address: your account moved.
    EmailChanged { name: String, old_email: String, new_email: String },
    /// A link that sets a new password, if the address has an account.
    ResetPassword { email_key: String },
    /// Your password was changed.
    PasswordChanged { user: UserId },
    /// A key for machines was made.
    ApiKeyCreated { user: UserId },
    /// Someone tried to make an account with your address.
    AccountExists { user: UserId },
    /// A refresh token was used twice.
    SessionReuse { user: UserId, device: String },
    /// The account will be erased.
    DeletionScheduled { user: UserId },
    /// It will not.
    DeletionCancelled { user: UserId },
}
