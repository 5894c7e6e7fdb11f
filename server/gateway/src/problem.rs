//! A problem as an HTTP response: `application/problem+json` (RFC 9457).

use std::{any::Any, sync::Arc};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use portreeve_contract::{ErrorKind, Problem};
use serde_json::json;

/// Why a request does not come in.
#[derive(Clone, Debug)]
pub struct Refusal(pub Problem);

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        refusal.0
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        respond(&self.0)
    }
}

/// The code of the problem that a response tells of, for whoever counts them.
#[derive(Clone, Debug)]
pub(crate) struct Told(pub(crate) Arc<str>);

/// The response that tells of a problem. Its `type` leads to what the list of codes says of it, under whichever name this installation was asked (RFC 9457
/// §3.1.1). Holds what a server function's client reads (`kind`, `title`, …) as well as what the standard names, so one body serves both.
pub fn respond(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut body = json!({
        "type": format!("/docs/errors#{}", problem.code),
        "status": status.as_u16(),
        "kind": problem.kind,
        "code": problem.code,
        "title": problem.title,
    });
    if !problem.errors.is_empty() {
        body["errors"] = json!(problem.errors);
    }
    if let Some(seconds) = problem.retry_after {
        body["retry_after"] = json!(seconds);
    }
    let mut response = (status, body.to_string()).into_response();
    response.extensions_mut().insert(Told(problem.code.as_str().into()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = problem.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(challenge) = challenge(problem) {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

/// RFC 6750 §3: whoever sent no token is told of no error; a key for something else is told what it lacks in the problem itself.
fn challenge(problem: &Problem) -> Option<&'static str> {
    match (problem.kind, problem.code.as_ref()) {
        (ErrorKind::Unauthenticated, "invalid_token" | "session_over") => Some(r#"Bearer realm="Portreeve", error="invalid_token""#),
        (ErrorKind::Unauthenticated, _) => Some(r#"Bearer realm="Portreeve""#),
        (ErrorKind::Forbidden, "insufficient_scope") => Some(r#"Bearer realm="Portreeve", error="insufficient_scope""#),
        _ => None,
    }
}

/// What is said of a bug, whose cause goes to the log.
#[expect(clippy::needless_pass_by_value, reason = "as catching it hands it over")]
pub(crate) fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let message = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = message.unwrap_or("unknown"), "a request panicked");
    respond(&Problem::new(ErrorKind::Internal, "internal", "Something went wrong on our side. It has been noted; try again in a moment."))
}
