//! How much a request may send.

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{Method, header};
use portreeve_contract::{ErrorKind, Problem};

use crate::{Gateway, firewall, respond};

/// Reads the body, up to the limit. What comes this way is small JSON; a handler that streams has a route of its own outside.
pub(crate) async fn enforce(State(gateway): State<Gateway>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let limit = gateway.settings.body_limit;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return too_large(limit);
    }
    let (parts, body) = request.into_parts();
    match axum::body::to_bytes(body, limit).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) if firewall::is_too_slow(&error) => refuse(&firewall::too_slow()),
        // Either the limit was met, or the client went away and nobody reads this.
        Err(_) => too_large(limit),
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
