//! One line per request: method, route, status, time. Never a query, a body, a token or an address of e-mail.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use http::Method;

/// A line to be written when the answer is there.
pub(crate) struct Line {
    started: Instant,
    method: Method,
    /// The route rather than the path: paths can hold ids, and whatever a stranger typed.
    route: Option<MatchedPath>,
}

impl Line {
    pub(crate) fn begin(request: &Request) -> Self {
        Self { started: Instant::now(), method: request.method().clone(), route: request.extensions().get().cloned() }
    }

    pub(crate) fn write(self, response: &Response) {
        let Self { started, method, route } = self;
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let route = route.as_ref().map_or("none", MatchedPath::as_str);
        tracing::info!(%method, route, status = response.status().as_u16(), micros, "request");
    }
}
