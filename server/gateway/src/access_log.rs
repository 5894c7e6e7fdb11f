//! What is kept of each request: a line in the log (method, route, status, time) and a count. Never a query, a body, a token or an address of
//! e-mail.

use std::{sync::Arc, time::Instant};

use axum::{body::HttpBody, extract::Request, response::Response};
use http::Method;
use opentelemetry::trace::TraceId;

use crate::{
    Gateway,
    metrics::{Active, Route, Seen},
    problem::Told,
    upstream::Upstream,
};

/// A line to be written when the answer is there.
pub(crate) struct Line {
    gateway: Gateway,
    started: Instant,
    method: Method,
    pub(crate) route: Route,
    _active: Active,
}

impl Line {
    pub(crate) fn begin(gateway: &Gateway, request: &Request, upstream: Option<&Arc<Upstream>>) -> Self {
        let route = match upstream {
            Some(upstream) => Route::Upstream(upstream.clone()),
            None => request.extensions().get().cloned().map_or(Route::None, Route::Own),
        };
        Self {
            started: Instant::now(),
            method: request.method().clone(),
            route,
            _active: gateway.settings.metrics.begin(),
            gateway: gateway.clone(),
        }
    }

    pub(crate) fn end(self, response: &Response, seen: &Seen, trace: Option<TraceId>) {
        let Self { gateway, started, method, route, _active } = self;
        let (took, status) = (started.elapsed(), response.status());
        let told = response.extensions().get::<Told>();
        tracing::info!(
            %method,
            route = route.as_str(),
            status = status.as_u16(),
            micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            // Of an answer that is made on the way nobody knows yet how long it will be.
            bytes = response.body().size_hint().exact(),
            caller = seen.as_str(),
            upstream = matches!(route, Route::Upstream(_)).then_some(route.as_str()),
            code = told.map(|told| &*told.0),
            trace_id = trace.map(tracing::field::display),
            "request"
        );
        if let Some(told) = told {
            gateway.settings.metrics.refused(told);
        }
        gateway.services.measures.served(took, status.as_u16());
        gateway.settings.metrics.served(route, &method, status, seen, took);
    }
}
