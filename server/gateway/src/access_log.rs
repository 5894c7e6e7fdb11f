//! One line per request: method, route, status, time. Never a query, a body, a token or an address of e-mail.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use http::Method;

use crate::upstream::Upstream;

/// A line to be written when the answer is there.
pub(crate) struct Line {
    started: Instant,
    method: Method,
    /// The route rather than the path: paths can hold ids, and whatever a stranger typed.
    route: Option<MatchedPath>,
    upstream: Option<String>,
}

impl Line {
    pub(crate) fn begin(request: &Request, upstream: Option<&Upstream>) -> Self {
        let route = request.extensions().get().cloned();
        Self {
            started: Instant::now(),
            method: request.method().clone(),
            route,
            upstream: upstream.map(|upstream| upstream.route().to_owned()),
        }
    }

    pub(crate) fn write(self, response: &Response) {
        let Self { started, method, route, upstream } = self;
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let route = upstream.as_deref().or(route.as_ref().map(MatchedPath::as_str)).unwrap_or("none");
        tracing::info!(%method, route, status = response.status().as_u16(), micros, "request");
    }
}
