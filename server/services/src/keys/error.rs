//! What can be wrong with a wish about signing keys.

use portreeve_contract::{ErrorKind, Problem};

use crate::{Fault, caller::Forbidden, idempotency};

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller is no administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A key waits for its time to sign already.
    #[error("the next key does not sign yet")]
    Pending,
    /// The request was sent before.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden(_) => Self::new(ErrorKind::Forbidden, "forbidden", "This is for administrators."),
            Error::Pending => Self::new(
                ErrorKind::Conflict,
                "rotation_pending",
                "The next key is published already, and does not sign yet. Wait until it does.",
            ),
            Error::Idempotency(error) => error.into(),
            Error::Fault(fault) => fault.problem(),
        }
    }
}
