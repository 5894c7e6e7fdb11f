//! What can go wrong with bytes that are kept, told apart by what is to be done about it.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};

type Cause = Box<dyn StdError + Send + Sync>;

/// Why bytes were not kept, or not given back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing under that name.
    #[error("there is no {0}")]
    NotFound(String),
    /// No room is left, or a quota is used up. Nothing is broken: room can be made.
    #[error("no room is left: {0}")]
    Full(#[source] Cause),
    /// It may work later: not reached, cut off, too slow, overloaded.
    #[error("{what} is unavailable: {source}")]
    Unavailable {
        /// Where the bytes are kept.
        what: String,
        /// What was said.
        source: Cause,
    },
    /// It will not work before somebody changes something: permissions, credentials, the bucket's name.
    #[error("{what} refuses: {source}")]
    Refused {
        /// Where the bytes are kept.
        what: String,
        /// What was said.
        source: Cause,
    },
    /// A name that is not of Portreeve's own making.
    #[error("{0:?} is no name of ours")]
    Name(String),
    /// More or fewer bytes than there should be.
    #[error("{name} should have {expected} bytes and has {found}")]
    Length {
        /// Of what.
        name: String,
        /// As many as promised.
        expected: u64,
        /// As many as came; of too many, those before it was noticed.
        found: u64,
    },
    /// A part that the object does not have.
    #[error("{0} does not have that part")]
    Range(String),
    /// The source of the bytes failed, not the place they were to go to.
    #[error("the bytes cannot be read: {0}")]
    Input(#[source] Cause),
}

impl Error {
    /// Whether trying again by itself may help.
    ///
    /// A source's failure is as temporary as the source says, if it is another of these, and temporary otherwise.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Full(_) | Self::Unavailable { .. } => true,
            Self::Input(source) => source.downcast_ref::<Self>().is_none_or(Self::is_temporary),
            Self::NotFound(_) | Self::Refused { .. } | Self::Name(_) | Self::Length { .. } | Self::Range(_) => false,
        }
    }

    /// Whether the place refuses, which says nothing about what is kept there.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }

    /// From reading a file, which may not be there.
    pub(crate) fn reading(name: &str, error: io::Error) -> Self {
        if error.kind() == ErrorKind::NotFound { Self::NotFound(name.to_owned()) } else { Self::writing(name, error) }
    }

    /// From anything else that is done to files. That something is not there is then a folder that is gone, and may come back.
    pub(crate) fn writing(what: &str, error: io::Error) -> Self {
        let what = what.to_owned();
        match error.kind() {
            // `FileTooLarge` is a limit of the process (RLIMIT_FSIZE) or of the file system: the same to whoever waits for room.
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::Full(error.into()),
            ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::AlreadyExists
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidFilename => Self::Refused { what, source: error.into() },
            _ => Self::Unavailable { what, source: error.into() },
        }
    }

    /// From an object store.
    pub(crate) fn store(what: &str, key: &str, error: object_store::Error) -> Self {
        use object_store::Error as Store;
        match &error {
            // The bucket is as absent as the object, but says so.
            Store::NotFound { .. } if !error.to_string().contains("NoSuchBucket") => return Self::NotFound(key.to_owned()),
            Store::Generic { .. } => {}
            Store::JoinError { .. } => return Self::Unavailable { what: what.to_owned(), source: error.into() },
            _ => return Self::Refused { what: what.to_owned(), source: error.into() },
        }
        if let Some(cause) = io_cause(&error) {
            // The kind decides; the whole error is kept, since it names the file.
            let kind = cause.kind();
            return Self::writing(what, io::Error::new(kind, error));
        }
        // `object_store` does not let its type of a refused request out, only its text: "… non-2xx status code: 400 Bad Request: …".
        match status(&error.to_string()) {
            Some(507) => Self::Full(error.into()),
            Some(408 | 409 | 425 | 429 | 500..) | None => Self::Unavailable { what: what.to_owned(), source: error.into() },
            Some(_) => Self::Refused { what: what.to_owned(), source: error.into() },
        }
    }
}

/// Of a request that was answered, but not as it was meant.
pub(super) fn status(text: &str) -> Option<u16> {
    if text.contains("redirect without LOCATION") {
        return Some(301);
    }
    text.split("status code: ").nth(1)?.get(..3)?.parse().ok()
}

/// What the operating system said, if the folder engine passed that on.
fn io_cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a io::Error> {
    let mut next = error.source();
    while let Some(cause) = next {
        // Connections fail with one as well, wrapped by the client; what matters of them is that they failed.
        if cause.is::<object_store::client::HttpError>() {
            return None;
        }
        if let Some(io) = cause.downcast_ref() {
            return Some(io);
        }
        next = cause.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(error: object_store::Error) -> Error {
        Error::store("the bucket quay", "uploads/x.bin", error)
    }

    fn generic(text: &str) -> object_store::Error {
        object_store::Error::Generic { store: "S3", source: text.into() }
    }

    #[test]
    fn a_missing_bucket_is_no_missing_object() {
        let missing = |text: &str| store(object_store::Error::NotFound { path: "uploads/x.bin".to_owned(), source: text.into() });
        assert!(matches!(missing("status code: 404 Not Found: <Code>NoSuchKey</Code>"), Error::NotFound(key) if key == "uploads/x.bin"));
        assert!(matches!(missing("status code: 404 Not Found: <Code>NoSuchBucket</Code>"), Error::Refused { .. }));
    }

    #[test]
    fn an_answer_tells_what_is_to_be_done() {
        for temporary in [
            "Server returned non-2xx status code: 503 Service Unavailable: SlowDown",
            "Server returned non-2xx status code: 429 Too Many Requests: ",
            "Server returned non-2xx status code: 500 Internal Server Error: ",
            "Server returned error response: <Error><Code>InternalError</Code></Error>",
            "something else",
        ] {
            let error = store(generic(temporary));
            assert!(matches!(error, Error::Unavailable { .. }) && error.is_temporary(), "{temporary}");
        }
        for permanent in [
            "Server returned non-2xx status code: 400 Bad Request: <Code>InvalidRequest</Code>",
            "Server returned non-2xx status code: 301 Moved Permanently: ",
            "Received redirect without LOCATION, this normally indicates an incorrectly configured region",
        ] {
            let error = store(generic(permanent));
            assert!(matches!(error, Error::Refused { .. }) && !error.is_temporary(), "{permanent}");
        }
        assert!(matches!(store(generic("Server returned non-2xx status code: 507 Insufficient Storage: ")), Error::Full(_)));
    }

    #[test]
    fn a_full_disk_is_told_from_a_broken_one() {
        let io = |kind: ErrorKind| {
            store(object_store::Error::Generic { store: "LocalFileSystem", source: Box::new(Wrapped(io::Error::from(kind))) })
        };
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge] {
            assert!(matches!(io(kind), Error::Full(_)));
        }
        assert!(matches!(io(ErrorKind::ReadOnlyFilesystem), Error::Refused { .. }));
        assert!(matches!(io(ErrorKind::Other), Error::Unavailable { .. }));
    }

    #[derive(Debug, thiserror::Error)]
    #[error("unable to copy")]
    struct Wrapped(#[source] io::Error);
}
