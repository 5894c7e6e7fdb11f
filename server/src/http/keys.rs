//! The keys that access tokens can be verified with.

use axum::{Json, extract::State};
use http::{HeaderName, HeaderValue, header};
use portreeve_services::Services;
use serde_json::Value;

/// `/.well-known/jwks.json` (RFC 7517 §5). Public, for any origin; may be kept for less time than a key is published before it signs.
pub(super) async fn jwks(State(services): State<Services>) -> ([(HeaderName, HeaderValue); 3], Json<Value>) {
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    ];
    (headers, Json(services.keys.jwks()))
}
