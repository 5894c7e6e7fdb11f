//! A name for each request, in the log and in the answer, so that a person can tell us which one failed.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use portreeve_backends::Random;
use tracing::Span;
use uuid::{Uuid, fmt::Simple};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Always our own: one that the client sends could be anything, such as somebody else's.
pub(crate) struct RequestId(Simple);

impl RequestId {
    pub(crate) fn new(random: &Random) -> Self {
        Self(Uuid::from_bytes(random.bytes()).simple())
    }

    /// What every line that is logged meanwhile carries.
    pub(crate) fn span(&self) -> Span {
        tracing::info_span!("request", id = %self)
    }

    /// Puts it into the answer.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        // Hexadecimal digits are a header's value.
        if let Ok(id) = HeaderValue::try_from(&*self.0.encode_lower(&mut Uuid::encode_buffer())) {
            headers.insert(HEADER, id);
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
