//! Traces: the thread on which a request's way through several programs can be told (W3C Trace Context), and what is told of it (OpenTelemetry's
//! semantic conventions for HTTP). Never a query, a header's value or a token.

use std::net::IpAddr;

use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, uri::Authority};
use opentelemetry::{
    Context,
    propagation::TextMapPropagator,
    trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use portreeve_backends::Random;
use portreeve_config::Callers;
use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

use crate::{
    Settings,
    metrics::{Route, method_name},
    problem::Told,
    request_id::RequestId,
};

const PARENT: HeaderName = HeaderName::from_static("traceparent");
const STATE: HeaderName = HeaderName::from_static("tracestate");
/// Of a state as much has to be passed on (§3.3.1.5), and what is longer may be dropped.
const LONGEST: usize = 512;

/// The trace that a request belongs to. Where none are recorded it has no span, and is the caller's, if there is one; what goes to an upstream has one in any case.
pub(crate) struct Trace {
    span: Span,
    id: Option<TraceId>,
}

impl Trace {
    pub(crate) fn begin(settings: &Settings, request: &mut Request, route: &Route, address: IpAddr, id: &RequestId) -> Self {
        let came = came(request.headers());
        let Some(callers) = settings.traces else {
            let context = match route {
                Route::Upstream(_) => Some(came.unwrap_or_else(|| begin(request.headers_mut(), &settings.random))),
                _ => came,
            };
            return Self { span: Span::none(), id: context.map(|context| context.trace_id()) };
        };
        let span = span(request, route, address, id);
        match (came, callers) {
            // It cannot have begun yet.
            (Some(came), Callers::Parent) => {
                let _ = span.set_parent(Context::new().with_remote_span_context(came));
            }
            (Some(came), Callers::Link) => span.add_link(came),
            (None, _) => {}
        }
        let id = span.context().span().span_context().trace_id();
        Self { span, id: (id != TraceId::INVALID).then_some(id) }
    }

    /// For what is done on behalf of the request.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(crate) fn id(&self) -> Option<TraceId> {
        self.id
    }

    pub(crate) fn end(self, response: &Response) {
        let status = response.status();
        self.span.record("http.response.status_code", i64::from(status.as_u16()));
        // What a client did wrong is no failure of the server.
        if status.is_server_error() {
            let told = response.extensions().get::<Told>();
            failed(&self.span, told.map_or_else(|| status.as_str(), |told| &*told.0));
        }
    }
}

fn span(request: &Request, route: &Route, address: IpAddr, id: &RequestId) -> Span {
    let method = method_name(request.method());
    let path = request.uri().path();
    let span = tracing::trace_span!(
        target: "otel",
        "request",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = if method == "other" { "_OTHER" } else { method },
        http.response.status_code = Empty,
        http.route = Empty,
        url.path = Empty,
        "error.type" = Empty,
        client.address = %address,
        network.protocol.version = version(request),
        portreeve.request.id = %id,
        portreeve.upstream = Empty,
    );
    match route {
        Route::Own(template) => {
            span.record("http.route", template.as_str());
            span.record("otel.name", format_args!("{method} {}", template.as_str()));
            span.record("url.path", cut(&without_secrets(template.as_str(), path)));
        }
        Route::Upstream(upstream) => {
            span.record("portreeve.upstream", upstream.name());
            span.record("otel.name", format_args!("{method} {}", upstream.name()));
            span.record("url.path", cut(path));
        }
        // Whatever it is, nobody knows what is in it.
        Route::None => {}
    }
    span
}

/// The path, with the name of a part that is a secret in its place: who knows `/content/{token}` may read the file.
fn without_secrets(template: &str, path: &str) -> String {
    if !template.contains("{token}") {
        return path.to_owned();
    }
    let parts = template.split('/').zip(path.split('/')).map(|(named, given)| if named == "{token}" { named } else { given });
    parts.collect::<Vec<_>>().join("/")
}

fn version(request: &Request) -> &'static str {
    match request.version() {
        http::Version::HTTP_10 => "1.0",
        http::Version::HTTP_2 => "2",
        _ => "1.1",
    }
}

/// A request to an upstream, of which there may be several for one that came: each try is a span of its own. `tries` were made before.
pub(crate) fn asking(upstream: &str, method: &Method, (origin, address, path): (&Uri, &Authority, &str), tries: usize) -> Span {
    let method = method_name(method);
    let span = tracing::trace_span!(
        target: "otel",
        "upstream",
        otel.name = method,
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = if method == "other" { "_OTHER" } else { method },
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        "error.type" = Empty,
        server.address = address.host(),
        server.port = address.port_u16().map(i64::from),
        url.full = format_args!("{}://{address}{}", origin.scheme_str().unwrap_or("http"), cut(path)),
        peer.service = upstream,
    );
    if let Some(tries) = i64::try_from(tries).ok().filter(|tries| *tries > 0) {
        span.record("http.request.resend_count", tries);
    }
    span
}

/// What a client gets of an upstream's answer is a failure from 400 on.
pub(crate) fn answered(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_client_error() || status.is_server_error() {
        failed(span, status.as_str());
    }
}

/// There is no answer, or one that says no.
pub(crate) fn failed(span: &Span, why: &str) {
    span.record("error.type", why);
    span.record("otel.status_code", "ERROR");
}

/// Tells whom a request goes to that it comes from `span`. Where that is none, what the caller said goes on as it was said: there is nothing between the two.
pub(crate) fn carry_on(headers: &mut HeaderMap, span: &Span) {
    let context = span.context();
    if context.has_active_span() {
        write(headers, &context);
    }
}

/// A trace that nothing is recorded of here, so that what was one request can be found in the logs of several programs.
fn begin(headers: &mut HeaderMap, random: &Random) -> SpanContext {
    let (trace, parent) = (TraceId::from_bytes(random.bytes()), SpanId::from_bytes(random.bytes()));
    // §3.2.2; the propagator takes ten times as long to the same, and a format three times.
    let mut value = *b"00-00000000000000000000000000000000-0000000000000000-01";
    let digits = [trace.to_bytes(), u128::from(u64::from_be_bytes(parent.to_bytes())).to_be_bytes()].map(|bytes| {
        let mut digits = [0; 32];
        Uuid::from_bytes(bytes).simple().encode_lower(&mut digits);
        digits
    });
    value[3..35].copy_from_slice(&digits[0]);
    value[36..52].copy_from_slice(&digits[1][16..]);
    if let Ok(value) = HeaderValue::from_bytes(&value) {
        headers.insert(PARENT, value);
    }
    headers.remove(STATE);
    SpanContext::new(trace, parent, TraceFlags::SAMPLED, true, TraceState::NONE)
}

fn write(headers: &mut HeaderMap, context: &Context) {
    TraceContextPropagator::new().inject_context(context, &mut HeaderInjector(headers));
    if headers.get(STATE).is_some_and(HeaderValue::is_empty) {
        headers.remove(STATE);
    }
}

/// What the sender says, if it does so once and can be understood.
fn came(headers: &HeaderMap) -> Option<SpanContext> {
    let mut all = headers.get_all(PARENT).iter();
    let (Some(_), None) = (all.next(), all.next()) else { return None };
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(headers));
    let span = context.span();
    let came = span.span_context();
    // Every span below keeps it.
    let state = if headers.get(STATE).is_some_and(|state| state.len() > LONGEST) { TraceState::NONE } else { came.trace_state().clone() };
    came.is_valid().then(|| SpanContext::new(came.trace_id(), came.span_id(), came.trace_flags(), true, state))
}

/// What is kept of a text that somebody else chose, in memory until it is sent.
fn cut(text: &str) -> &str {
    text.char_indices().nth(LONGEST).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAME: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn headers(parents: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(STATE, HeaderValue::from_static("vendor=1"));
        for parent in parents {
            headers.append(PARENT, parent.parse().unwrap());
        }
        headers
    }

    #[test]
    fn what_records_nothing_is_not_seen_in_a_trace() {
        let mut headers = headers(&[CAME]);
        carry_on(&mut headers, &Span::none());
        assert_eq!((&headers[PARENT], &headers[STATE]), (&HeaderValue::from_static(CAME), &HeaderValue::from_static("vendor=1")));
    }

    #[test]
    fn what_is_no_trace_is_told_from_one() {
        assert_eq!(came(&headers(&[CAME])).map(|came| came.trace_id().to_string()).as_deref(), Some(&CAME[3..35]));
        for bad in [
            &[][..],
            &["rubbish"],
            &["00-00000000000000000000000000000000-b7ad6b7169203331-01"],
            &["00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"],
            &["00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
            &["ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
            &["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"],
            &[CAME, CAME],
        ] {
            let mut headers = headers(bad);
            assert!(came(&headers).is_none(), "{bad:?}");
            let begun = begin(&mut headers, &Random::seeded(1));
            // The state goes with its parent.
            assert!(came(&headers).as_ref() == Some(&begun) && !headers.contains_key(STATE), "{bad:?}: {headers:?}");
        }
    }

    #[test]
    fn nobody_fills_the_memory_with_the_state_of_a_trace() {
        for (length, kept) in [(LONGEST, true), (LONGEST + 1, false)] {
            let mut headers = headers(&[CAME]);
            let state = format!("a={},b=", "x".repeat(253));
            headers.insert(STATE, format!("{state}{}", "x".repeat(length - state.len())).parse().unwrap());
            assert_eq!(!came(&headers).unwrap().trace_state().header().is_empty(), kept, "{length}");
        }
        assert_eq!(cut(&"ü".repeat(LONGEST + 1)), "ü".repeat(LONGEST));
    }

    #[test]
    fn no_path_tells_a_secret() {
        for (template, path, told) in [
            ("/content/{token}", "/content/abc", "/content/{token}"),
            ("/shared/{token}", "/shared/a/b", "/shared/{token}"),
            ("/v1/files/{id}", "/v1/files/7", "/v1/files/7"),
            ("/api/{*function}", "/api/auth/sign_in", "/api/auth/sign_in"),
        ] {
            assert_eq!(without_secrets(template, path), told);
        }
    }
}
