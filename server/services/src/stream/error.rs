//! What can be wrong with a wish about the stream.

use portreeve_backends::stream::Unknown;
use portreeve_contract::{ErrorKind, FieldError, Problem};
use portreeve_database::DbErr;

use crate::{Fault, caller::Forbidden, idempotency};

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not an administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such dead letter, any more.
    #[error("no such dead letter")]
    NotFound,
    /// No such consumer.
    #[error("no such consumer")]
    NoConsumer,
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

impl From<Unknown> for Error {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Consumer(_) => Self::NoConsumer,
            Unknown::DeadLetter(_) => Self::NotFound,
            Unknown::Database(error) => error.into(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden(_) => Self::new(ErrorKind::Forbidden, "forbidden", "This is for administrators."),
            Error::NotFound => Self::new(
                ErrorKind::NotFound,
                "dead_letter_not_found",
                "There is no such dead letter. It may have been sent again or thrown away meanwhile.",
            ),
            Error::NoConsumer => Self::new(ErrorKind::NotFound, "consumer_not_found", "There is no consumer of that name."),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Idempotency(error) => error.into(),
            Error::Fault(fault) => fault.problem(),
        }
    }
}
