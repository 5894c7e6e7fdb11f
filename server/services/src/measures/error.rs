//! Why numbers are not shown.

use portreeve_contract::{ErrorKind, Problem};
use portreeve_database::DbErr;

use crate::{Fault, caller::Forbidden};

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not an administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden(_) => Self::new(ErrorKind::Forbidden, "forbidden", "This is for administrators."),
            Error::Fault(fault) => fault.problem(),
        }
    }
}
