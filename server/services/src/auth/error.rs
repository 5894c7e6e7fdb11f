//! What can be wrong with signing in and around it.

use std::time::Duration;

use portreeve_contract::{ErrorKind, FieldError, Problem};
use portreeve_database::DbErr;

use crate::{Fault, idempotency, tokens::Refused};

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown account or wrong password: which of them is nobody's business.
    #[error("unknown account or wrong password")]
    InvalidCredentials,
    /// Not an access token that is accepted.
    #[error("no valid access token")]
    InvalidToken,
    /// The refresh token is not live: signed out, revoked, expired, replaced or never issued.
    #[error("the session is over")]
    SessionOver,
    /// The password was right, and an administrator shut the account.
    #[error("the account is disabled")]
    Disabled,
    /// Unknown account or wrong password, where verification is required: told as [`Self::EmailUnverified`] is.
    #[error("invalid credentials, or an address that is not verified")]
    InvalidOrUnverified,
    /// The password was right, and the address has to be verified first. Nobody but the mail tells so: whoever tried to make an account of an address that they do not
    /// have would learn whether it had one.
    #[error("the address is not verified")]
    EmailUnverified,
    /// Another account has the address.
    #[error("the address has an account")]
    EmailTaken,
    /// Expired, used, or never made.
    #[error("the link does not work")]
    LinkInvalid,
    /// Accounts are made by administrators only.
    #[error("sign-up is closed")]
    SignUpClosed,
    /// Too often.
    #[error("throttled for {0:?}")]
    Throttled(Duration),
    /// Fields that cannot be accepted.
    #[error("{} fields cannot be accepted", .0.len())]
    Invalid(Vec<FieldError>),
    /// The request was sent before.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Invalid => Self::InvalidToken,
            Refused::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        use ErrorKind::{Conflict, Forbidden, NotFound, Throttled, Unauthenticated};
        let new = |kind, code, title: &str| Self::new(kind, code, title);
        match error {
            Error::InvalidCredentials => {
                new(Unauthenticated, "invalid_credentials", "That email and password do not match. Try again, or reset the password.")
            }
            Error::InvalidToken => new(Unauthenticated, "invalid_token", "Sign in to go on."),
            Error::SessionOver => new(Unauthenticated, "session_over", "Your session is over. Sign in again."),
            Error::Disabled => new(Forbidden, "account_disabled", "This account has been disabled. Ask an administrator."),
            Error::InvalidOrUnverified | Error::EmailUnverified => new(
                Unauthenticated,
                "invalid_credentials",
                "That email and password do not match, or the address is not confirmed yet. If that is all, we have just sent you another link.",
            ),
            Error::EmailTaken => Self {
                errors: vec![FieldError::new("email", "taken", "This address already has an account. Sign in, or reset its password.")],
                ..new(Conflict, "email_taken", "This address already has an account.")
            },
            Error::LinkInvalid => new(NotFound, "link_invalid", "This link has expired or was already used. Ask for a new one."),
            Error::SignUpClosed => new(Forbidden, "sign_up_closed", "Accounts are made by an administrator here. Ask one."),
            Error::Throttled(wait) => {
                let seconds = wait.as_secs() + 1;
                Self {
                    retry_after: Some(seconds),
                    ..new(Throttled, "throttled", &format!("Too many tries. Wait {} and try again.", in_words(seconds)))
                }
            }
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Idempotency(error) => error.into(),
            Error::Fault(fault) => fault.problem(),
        }
    }
}

fn in_words(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}
