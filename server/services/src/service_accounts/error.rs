//! What can be wrong with a wish about service accounts.

use portreeve_contract::{ErrorKind, FieldError, Problem};
use portreeve_database::DbErr;

use crate::{Fault, caller::Forbidden, idempotency, list::MalformedCursor};

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such account, or a person's.
    #[error("no such service account")]
    NotFound,
    /// Not an administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Somebody else changed the account since it was seen.
    #[error("changed meanwhile")]
    Changed,
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
            Error::NotFound => {
                Self::new(ErrorKind::NotFound, "service_account_not_found", "There is no such service account. It may have been deleted.")
            }
            Error::Forbidden(_) => Self::new(ErrorKind::Forbidden, "forbidden", "This is for administrators."),
            Error::Changed => {
                Self::new(ErrorKind::PreconditionFailed, "changed", "This service account was changed meanwhile. Look at it again.")
            }
            Error::Cursor(malformed) => malformed.into(),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Idempotency(error) => error.into(),
            Error::Fault(fault) => fault.problem(),
        }
    }
}
