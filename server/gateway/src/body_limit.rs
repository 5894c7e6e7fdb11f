//! How much a request may send.

use axum::{body::Body, extract::Request, response::Response};
use http::{Method, header};
use portreeve_contract::{ErrorKind, Problem};

use crate::{Gateway, firewall, respond};

/// What becomes of the bodies that routes are sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bodies {
    /// Read here, up to the limit: small JSON.
    Read,
    /// Read by the handler, in its own time.
    Streamed,
}

/// The request with a body that may come in.
///
/// # Errors
/// The answer, where it is too large or too slow.
pub(crate) async fn take(gateway: &Gateway, bodies: Bodies, request: Request) -> Result<Request, Response> {
    if matches!(bodies, Bodies::Streamed) || matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(request);
    }
    let limit = gateway.settings.body_limit;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    let (parts, body) = request.into_parts();
    match axum::body::to_bytes(body, limit).await {
        Ok(bytes) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Err(error) if firewall::is_too_slow(&error) => Err(refuse(&firewall::too_slow())),
        // Either the limit was met, or the client went away and nobody reads this.
        Err(_) => Err(too_large(limit)),
    }
}

fn too_large(limit: usize) -> Response {
    refuse(&exceeded(limit as u64))
}

/// What is said of a body of more than `limit` bytes.
pub(crate) fn exceeded(limit: u64) -> Problem {
    Problem::new(ErrorKind::TooLarge, "too_large", format!("Send {limit} bytes at most."))
}

/// Says it.
pub(crate) fn refuse(problem: &Problem) -> Response {
    let mut response = respond(problem);
    // The rest of the body is not read, so nothing else can come on this connection.
    response.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
    response
}
