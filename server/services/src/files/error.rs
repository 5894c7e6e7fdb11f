//! What can be wrong with a file.

use std::time::Duration;

use portreeve_backends::{objects, stream::Lost};
use portreeve_contract::{ErrorKind, FieldError, Problem, size::bytes};
use portreeve_database::DbErr;

use crate::{Fault, auth, idempotency, list::MalformedCursor, tokens::Refused};

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such file, or somebody else's.
    #[error("no such file")]
    NotFound,
    /// Larger than one file may be.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// More than the upload was announced to have.
    #[error("more bytes than announced")]
    TooLong,
    /// The person's share is used up.
    #[error("the person's share is used up")]
    QuotaExceeded,
    /// The person has as many unfinished uploads as are allowed.
    #[error("too many unfinished uploads")]
    TooManyUploads,
    /// The file has as many links as are allowed.
    #[error("too many links to one file")]
    TooManyShares,
    /// How much will come was not said.
    #[error("of unknown length")]
    LengthRequired,
    /// Fewer bytes came than were announced.
    #[error("cut off")]
    CutOff,
    /// Not where the upload is.
    #[error("the upload is at {actual}")]
    WrongOffset {
        /// Bytes that are here.
        actual: u64,
    },
    /// Another request writes this upload now.
    #[error("another request has taken the upload over")]
    TakenOver,
    /// The session was ended while the upload went on.
    #[error("the session is over")]
    SessionOver,
    /// What came does not have the promised checksum.
    #[error("checksum mismatch")]
    ChecksumMismatch,
    /// The file has changed since.
    #[error("changed since")]
    Changed,
    /// It is still on its way to the object store, or did not get there.
    #[error("not stored yet")]
    NotStored,
    /// Expired, revoked, used up, or never made.
    #[error("the link does not work")]
    LinkInvalid,
    /// The shared link wants another password.
    #[error("wrong password")]
    WrongPassword,
    /// The request was sent before.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// Too often.
    #[error("throttled for {0:?}")]
    Throttled(Duration),
    /// No room is left on this installation.
    #[error("no room: {0}")]
    Full(#[source] objects::Error),
    /// The place for bytes does not answer.
    #[error("storage: {0}")]
    Storage(#[source] objects::Error),
    /// A worker lost its event.
    #[error(transparent)]
    Lost(#[from] Lost),
    /// A cursor that is not one of ours.
    #[error(transparent)]
    Cursor(#[from] MalformedCursor),
    /// Fields that cannot be accepted.
    #[error("{} fields cannot be accepted", .0.len())]
    Invalid(Vec<FieldError>),
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

impl From<objects::Error> for Error {
    fn from(error: objects::Error) -> Self {
        if matches!(error, objects::Error::Full(_)) { Self::Full(error) } else { Self::Storage(error) }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Invalid => Self::LinkInvalid,
            Refused::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        use ErrorKind::{
            ChecksumMismatch, Conflict, Forbidden, InsufficientStorage, LengthRequired, Malformed, NotFound, PreconditionFailed, TooLarge,
            Unavailable,
        };
        let new = |kind, code, title: &str| Self::new(kind, code, title);
        match error {
            Error::NotFound => new(NotFound, "file_not_found", "There is no such file."),
            Error::TooLarge { limit } => {
                new(TooLarge, "file_too_large", &format!("A file can have {} at most ({limit} bytes).", bytes(limit)))
            }
            Error::TooLong => new(TooLarge, "upload_too_long", "That is more than the upload was announced to have."),
            Error::QuotaExceeded => {
                new(TooLarge, "quota_exceeded", "You have no room left for this file. Erase some, or ask an administrator for more.")
            }
            Error::TooManyUploads => new(Conflict, "too_many_uploads", "You have too many unfinished uploads. Finish or cancel some."),
            Error::TooManyShares => new(Conflict, "too_many_shares", "This file has too many links. Revoke some."),
            Error::LengthRequired => {
                new(LengthRequired, "length_required", "Say with Content-Length how much will come, or use /v1/uploads.")
            }
            Error::CutOff => new(Malformed, "cut_off", "The upload ended before all of it was here. Send it again."),
            Error::WrongOffset { actual } => new(Conflict, "wrong_offset", &format!("The upload is at {actual}. Go on from there.")),
            Error::TakenOver => new(Conflict, "taken_over", "Another request goes on with this upload."),
            Error::SessionOver => auth::Error::SessionOver.into(),
            Error::ChecksumMismatch => new(ChecksumMismatch, "checksum_mismatch", "What came is not what was sent. Send it again."),
            Error::Changed => new(PreconditionFailed, "changed", "The file has changed meanwhile. Look at it again."),
            Error::NotStored => {
                Self { retry_after: Some(2), ..new(Conflict, "file_not_stored", "The file is not stored yet. Try again in a moment.") }
            }
            Error::LinkInvalid => new(NotFound, "link_invalid", "This link does not work, or not any more. Ask for a new one."),
            Error::WrongPassword => Self {
                errors: vec![FieldError::new("password", "wrong_password", "That is not the password of this link.")],
                ..new(Forbidden, "wrong_password", "That is not the password of this link.")
            },
            Error::Idempotency(error) => error.into(),
            Error::Throttled(wait) => auth::Error::Throttled(wait).into(),
            Error::Full(cause) => {
                tracing::error!(%cause, "no room is left for uploads");
                new(
                    InsufficientStorage,
                    "storage_full",
                    "There is no room left here for this file. Nothing was kept; tell an administrator.",
                )
            }
            Error::Storage(cause) => {
                tracing::error!(%cause, "the place for files does not answer");
                Self {
                    retry_after: Some(5),
                    ..new(Unavailable, "storage_unavailable", "Files cannot be reached at the moment. Try again soon.")
                }
            }
            Error::Lost(lost) => Fault::from(DbErr::Custom(lost.to_string())).problem(),
            Error::Cursor(malformed) => malformed.into(),
            Error::Invalid(errors) => Self::invalid(errors),
            Error::Fault(fault) => fault.problem(),
        }
    }
}
