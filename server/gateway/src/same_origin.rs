//! Server functions are for our own pages.
//!
//! `SameSite=Strict` cookies are sent by pages on another port of the same host, and server functions would read JSON whatever its declared
//! type. So an unsafe request under `/api` has to come from our own origin, as the browser itself says (Fetch Metadata), and to declare JSON,
//! which no form can.

use axum::{extract::Request, response::Response};
use http::{HeaderMap, header};
use portreeve_contract::{ErrorKind, Problem};
use url::Url;

use crate::respond;

/// Lets a request through, or says why not.
#[expect(clippy::result_large_err, reason = "the response is sent at once")]
pub(crate) fn check(request: &Request, public_url: &Url) -> Result<(), Response> {
    if !request.uri().path().starts_with("/api/") || request.method().is_safe() {
        return Ok(());
    }
    let headers = request.headers();
    if !is_own(headers, public_url) {
        return Err(respond(&Problem::new(ErrorKind::Forbidden, "cross_origin", "This is for the pages of this site only.")));
    }
    if !is_json(headers) {
        return Err(respond(&Problem::new(ErrorKind::UnsupportedMediaType, "unsupported_media_type", "Send application/json.")));
    }
    Ok(())
}

fn is_own(headers: &HeaderMap, public_url: &Url) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        // A browser too old to say, or no browser at all: which then has to know where it is.
        None => headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() == public_url.origin().ascii_serialization().as_bytes()),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    declared.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
