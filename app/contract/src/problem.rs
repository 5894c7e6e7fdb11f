//! Errors on the wire: RFC 9457 problem details with a stable `code` and the fields concerned.

use serde::{Deserialize, Serialize};

/// What went wrong, coarsely enough for a status code and finely enough for a client to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// 400: the request could not be read.
    Malformed,
    /// 401: no valid token, or wrong credentials.
    Unauthenticated,
    /// 403: known, and not allowed.
    Forbidden,
    /// 404: does not exist, or may not be seen.
    NotFound,
    /// 405: not with this method.
    MethodNotAllowed,
    /// 406: not in any form that the request accepts.
    NotAcceptable,
    /// 408: it did not come in time.
    RequestTimeout,
    /// 409: in the way of something that is already there.
    Conflict,
    /// 411: how much will come must be said first.
    LengthRequired,
    /// 412: not as the request expects it to be.
    PreconditionFailed,
    /// 413: larger than the limit.
    TooLarge,
    /// 414: more to ask for than is read.
    UriTooLong,
    /// 415: a media type that is not read here.
    UnsupportedMediaType,
    /// 416: a part that is not there.
    RangeNotSatisfiable,
    /// 422: read, and not acceptable; the fields say why.
    Invalid,
    /// 428: say first which version is to be changed.
    PreconditionRequired,
    /// 429: too often; `retry_after` says when again.
    Throttled,
    /// 431: more headers than are read.
    HeadersTooLarge,
    /// 460: what came is not what was sent (tus 1.0.0, checksum extension).
    ChecksumMismatch,
    /// 500: our fault.
    Internal,
    /// 502: what stands behind the gateway did not answer as it should.
    BadGateway,
    /// 503: not now; `retry_after` may say when.
    Unavailable,
    /// 504: what stands behind the gateway took too long.
    GatewayTimeout,
    /// 507: no room is left for it.
    InsufficientStorage,
}

impl ErrorKind {
    /// The HTTP status code (RFC 9110).
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::RequestTimeout => 408,
            Self::Conflict => 409,
            Self::LengthRequired => 411,
            Self::PreconditionFailed => 412,
            Self::TooLarge => 413,
            Self::UriTooLong => 414,
            Self::UnsupportedMediaType => 415,
            Self::RangeNotSatisfiable => 416,
            Self::Invalid => 422,
            Self::PreconditionRequired => 428,
            Self::Throttled => 429,
            Self::HeadersTooLarge => 431,
            Self::ChecksumMismatch => 460,
            Self::Internal => 500,
            Self::BadGateway => 502,
            Self::Unavailable => 503,
            Self::GatewayTimeout => 504,
            Self::InsufficientStorage => 507,
        }
    }
}

/// One field that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) into the request body, such as `/email`.
    pub pointer: String,
    /// Stable, for programs: `too_short`.
    pub code: String,
    /// A sentence for the person who filled in the field.
    pub detail: String,
}

impl FieldError {
    /// An error of one top-level field.
    pub fn new(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: format!("/{field}"), code: code.to_owned(), detail: detail.into() }
    }
}

/// RFC 9457 problem details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of error; gives the status.
    pub kind: ErrorKind,
    /// Stable, for programs: `invalid_credentials`.
    pub code: String,
    /// A sentence for the person: what happened and what to do now.
    pub title: String,
    /// The fields concerned, if any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds to wait before trying again, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem without fields.
    pub fn new(kind: ErrorKind, code: &str, title: impl Into<String>) -> Self {
        Self { kind, code: code.to_owned(), title: title.into(), errors: Vec::new(), retry_after: None }
    }

    /// A problem with the fields that cannot be accepted.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(ErrorKind::Invalid, "invalid", "Something in the form needs another look.") }
    }

    /// What is wrong with one top-level field, if anything is.
    pub fn field(&self, name: &str) -> Option<&FieldError> {
        self.errors.iter().find(|error| error.pointer.strip_prefix('/') == Some(name))
    }
}
