//! Plain HTTP, where it is only told where to go.

use axum::{Router, response::IntoResponse};
use http::{StatusCode, Uri, header, uri::PathAndQuery};
use url::Url;

/// Answers every request with the same address under `public_url`, whatever host it names.
pub fn router(public_url: &Url) -> Router {
    let origin = public_url.origin().ascii_serialization();
    Router::new().fallback(async move |uri: Uri| {
        let place = uri.path_and_query().map(PathAndQuery::as_str).filter(|place| place.starts_with('/')).unwrap_or("/");
        // 308: whatever was sent is sent again as it was (RFC 9110 §15.4.9).
        (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("{origin}{place}")), (header::CONNECTION, "close".to_owned())])
            .into_response()
    })
}
