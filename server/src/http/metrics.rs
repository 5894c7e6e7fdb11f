//! `/metrics`, for a collector: OpenMetrics' text.

use std::{fmt, sync::Arc};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use portreeve_backends::traces::Counts;
use portreeve_gateway::Metrics;
use portreeve_services::Services;
use prometheus_client::{
    collector::Collector,
    encoding::{
        DescriptorEncoder, NoLabelSet,
        text::{encode_eof, encode_registry},
    },
    metrics::{MetricType, gauge::ConstGauge},
    registry::Registry,
};

use crate::listener::tls::Certificate;

const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Who has counted what.
#[derive(Clone, Debug)]
pub(super) struct Sources {
    services: Services,
    gateway: Metrics,
    spans: Arc<Registry>,
    certificate: Option<Arc<Certificate>>,
}

impl Sources {
    pub(super) fn new(services: Services, gateway: Metrics, spans: Counts, certificate: Option<Arc<Certificate>>) -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Spans(spans)));
        Self { services, gateway, spans: Arc::new(registry), certificate }
    }

    async fn write(&self, text: &mut String) -> fmt::Result {
        self.services.measures.write_metrics(text).await?;
        self.gateway.write(text)?;
        encode_registry(text, &self.spans)?;
        if let Some(validity) = self.certificate.as_ref().and_then(|certificate| certificate.validity()) {
            write_end(text, validity.until.timestamp())?;
        }
        encode_eof(text)
    }
}

/// What this process has counted.
pub(super) async fn metrics(State(sources): State<Sources>) -> Response {
    let mut text = String::new();
    match sources.write(&mut text).await {
        Ok(()) => ([(header::CONTENT_TYPE, TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "writing metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[derive(Debug)]
struct Spans(Counts);

impl Collector for Spans {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let help = "Spans of traces, by what became of them";
        let mut spans = encoder.encode_descriptor("portreeve_trace_spans", help, None, MetricType::Counter)?;
        for (outcome, count) in [("sent", self.0.sent()), ("failed", self.0.failed()), ("dropped", self.0.dropped())] {
            spans.encode_family(&[("outcome", outcome)])?.encode_counter::<NoLabelSet, u64, u64>(&count, None)?;
        }
        Ok(())
    }
}

fn write_end(text: &mut String, end: i64) -> fmt::Result {
    let mut registry = Registry::default();
    let name = "portreeve_certificate_expiration_timestamp_seconds";
    registry.register(name, "When the certificate of the public listener ends, in seconds since the epoch", ConstGauge::new(end));
    encode_registry(text, &registry)
}
