//! One line per request: method, route, status, time. Never a query, a body, a token or an address of e-mail.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};

pub(crate) async fn write(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // The route rather than the path: paths can hold ids, and whatever a stranger typed.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(%method, route = route.as_deref().unwrap_or("none"), status = response.status().as_u16(), micros, "request");
    response
}
