//! What can be wrong with a wish about keys.

use portreeve_contract::{ErrorKind, FieldError, Problem};
use portreeve_database::DbErr;

use crate::{Fault, auth, caller::Forbidden, idempotency, service_accounts};

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not there, revoked, or somebody else's.
    #[error("no such key")]
    NotFound,
    /// There is no such service account, or it is a person's.
    #[error("no such service account")]
    NoServiceAccount,
    /// Somebody else changed the key since it was seen.
    #[error("changed meanwhile")]
    Changed,
    /// The account has as many as are allowed.
    #[error("{0} keys already")]
    TooMany(u64),
    /// Only administrators give plans, and keys to machines.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// What the caller is known by was ended meanwhile.
    #[error("the session is over")]
    SessionOver,
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
            Error::NotFound => Self::new(ErrorKind::NotFound, "api_key_not_found", "There is no such key. It may have been revoked."),
            Error::NoServiceAccount => service_accounts::Error::NotFound.into(),
            Error::Changed => Self::new(ErrorKind::PreconditionFailed, "changed", "This key was changed meanwhile. Look at it again."),
            Error::TooMany(max) => {
                Self::new(ErrorKind::Conflict, "too_many_api_keys", format!("There are {max} keys already. Revoke some."))
            }
            Error::Forbidden(_) => Self::new(ErrorKind::Forbidden, "forbidden", "This is for administrators."),
            Error::SessionOver => auth::Error::SessionOver.into(),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Idempotency(error) => error.into(),
            Error::Fault(fault) => fault.problem(),
        }
    }
}
