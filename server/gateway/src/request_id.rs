//! A name for each request, in the log and in the answer, so that a person can tell us which one failed.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue};
use tracing::Instrument;
use uuid::Uuid;

use crate::Gateway;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Always our own: one that the client sends could be anything, such as somebody else's.
pub(crate) async fn add(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    let id = Uuid::from_bytes(gateway.settings.random.bytes()).simple().to_string();
    let span = tracing::info_span!("request", id);
    request.extensions_mut().insert(gateway);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(HEADER, id);
    }
    response
}
