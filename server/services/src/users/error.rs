//! What can be wrong with an account.

use std::time::Duration;

use portreeve_contract::{ErrorKind, FieldError, Problem};
use portreeve_database::DbErr;

use crate::{Fault, auth, caller::Forbidden, idempotency, list::MalformedCursor};

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such account.
    #[error("no such user")]
    NotFound,
    /// Not an administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The current password, asked for in this field, was wrong.
    #[error("wrong password")]
    WrongPassword(&'static str),
    /// Another account has the address.
    #[error("the address has an account")]
    EmailTaken,
    /// Somebody else changed the account since it was seen.
    #[error("changed meanwhile")]
    Changed,
    /// Nobody would be left to look after this installation.
    #[error("the last administrator")]
    LastAdmin,
    /// Too often.
    #[error("throttled for {0:?}")]
    Throttled(Duration),
    /// A cursor that is not one of ours.
    #[error(transparent)]
    Cursor(#[from] MalformedCursor),
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

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::new(ErrorKind::NotFound, "user_not_found", "There is no such user."),
            Error::Forbidden(_) => Self::new(ErrorKind::Forbidden, "forbidden", "This is for administrators."),
            Error::WrongPassword(field) => {
                Self::invalid(vec![FieldError::new(field, "wrong_password", "That is not your current password.")])
            }
            Error::LastAdmin => {
                Self::new(ErrorKind::Conflict, "last_admin", "This is the only administrator. Make somebody else one first.")
            }
            Error::Changed => Self::new(ErrorKind::PreconditionFailed, "changed", "This account was changed meanwhile. Look at it again."),
            Error::Cursor(malformed) => malformed.into(),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::EmailTaken => auth::Error::EmailTaken.into(),
            Error::Throttled(wait) => auth::Error::Throttled(wait).into(),
            Error::Idempotency(error) => error.into(),
            Error::Fault(fault) => fault.problem(),
        }
    }
}
