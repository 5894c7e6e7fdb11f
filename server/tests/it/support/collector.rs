//! A collector of traces, as far as taking them goes: OTLP as protobuf over HTTP.

use std::{
    collections::HashMap,
    fmt::Write,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span as Sent, span::SpanKind, status::StatusCode as Outcome},
};
use prost::Message;
use tokio::{net::TcpListener, task::AbortHandle};

/// Stops when it is dropped.
pub(crate) struct Collector {
    pub(crate) address: SocketAddr,
    got: Arc<Mutex<Vec<Span>>>,
    headers: Arc<Mutex<Vec<HeaderMap>>>,
    task: AbortHandle,
}

/// A span, with all that is told of it as text.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) kind: SpanKind,
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) links: Vec<String>,
    pub(crate) failed: bool,
    /// Of the span, and of what sent it.
    pub(crate) attributes: HashMap<String, String>,
}

impl Span {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (got, headers) = (Arc::default(), Arc::default());
        let router = Router::new().route("/v1/traces", post(take)).with_state((Arc::clone(&got), Arc::clone(&headers)));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") }).abort_handle();
        Self { address, got, headers, task }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/v1/traces", self.address)
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.got.lock().unwrap().clone()
    }

    /// The headers of all that came.
    pub(crate) fn headers(&self) -> Vec<HeaderMap> {
        self.headers.lock().unwrap().clone()
    }

    /// Waits for a span.
    pub(crate) async fn span(&self, what: &str, is: impl Fn(&Span) -> bool) -> Span {
        let give_up = Instant::now() + Duration::from_secs(30);
        loop {
            let spans = self.spans();
            if let Some(span) = spans.iter().find(|span| is(span)) {
                return span.clone();
            }
            assert!(Instant::now() < give_up, "no {what} among {spans:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for the span of that name below `parent`.
    pub(crate) async fn child(&self, parent: &Span, name: &str) -> Span {
        self.span(&format!("{name} below {}", parent.name), |span| {
            span.name == name && span.parent == parent.id && span.trace == parent.trace
        })
        .await
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Got = (Arc<Mutex<Vec<Span>>>, Arc<Mutex<Vec<HeaderMap>>>);

async fn take(State((got, seen)): State<Got>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else { return StatusCode::BAD_REQUEST.into_response() };
    seen.lock().unwrap().push(headers);
    for of_resource in request.resource_spans {
        let resource = of_resource.resource.unwrap_or_default().attributes;
        let spans = of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        got.lock().unwrap().extend(spans.map(|span| read(span, &resource)));
    }
    ([(header::CONTENT_TYPE, "application/x-protobuf")], ExportTraceServiceResponse::default().encode_to_vec()).into_response()
}

fn read(span: Sent, resource: &[KeyValue]) -> Span {
    assert!(span.end_time_unix_nano >= span.start_time_unix_nano, "{span:?}");
    Span {
        kind: span.kind(),
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        links: span.links.iter().map(|link| hex(&link.trace_id)).collect(),
        failed: span.status.as_ref().is_some_and(|status| status.code() == Outcome::Error),
        attributes: resource.iter().chain(&span.attributes).map(|it| (it.key.clone(), text(it))).collect(),
        name: span.name,
    }
}

fn text(attribute: &KeyValue) -> String {
    match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(is)) => is.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
