//! What is nobody's fault but ours or the machine's.

use portreeve_contract::{ErrorKind, Problem};
use portreeve_database::{DbErr, is_full};

/// A failure that the person cannot mend. Its message is for the log, never for the wire.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// The master key does not open what was sealed.
    #[error(
        "the master key does not fit this database: “{0}” cannot be opened with it. Give the key that was used when the database was made"
    )]
    Sealed(String),
    /// The cryptographic library refused.
    #[error("cryptography: {0}")]
    Crypto(&'static str),
    /// More passwords wait to be hashed than is allowed to wait.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// A mail's template failed.
    #[error("writing a mail: {0}")]
    Mail(String),
    /// A stored value cannot be read.
    #[error("stored data: {0}")]
    Data(#[from] serde_json::Error),
}

impl Fault {
    /// What the person is told. The cause goes to the log, here and nowhere else, in the span of the request it belongs to.
    pub(crate) fn problem(&self) -> Problem {
        tracing::error!(cause = %self, "a request failed");
        match self {
            Self::Busy => Problem {
                retry_after: Some(2),
                ..Problem::new(ErrorKind::Unavailable, "busy", "Too many people are signing in right now. Try again in a moment.")
            },
            Self::Database(DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => Problem {
                retry_after: Some(5),
                ..Problem::new(ErrorKind::Unavailable, "unavailable", "The database cannot be reached right now. Try again in a moment.")
            },
            Self::Database(error) if is_full(error) => Problem::new(
                ErrorKind::InsufficientStorage,
                "storage_full",
                "There is no room left here. Nothing was kept; tell an administrator.",
            ),
            _ => {
                Problem::new(ErrorKind::Internal, "internal", "Something went wrong on our side. It has been noted; try again in a moment.")
            }
        }
    }
}
