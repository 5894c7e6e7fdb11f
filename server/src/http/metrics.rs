//! `/metrics`, for a collector: OpenMetrics' text.

use std::{fmt, sync::Arc};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use portreeve_gateway::Metrics;
use portreeve_services::Services;
use prometheus_client::{
    encoding::text::{encode_eof, encode_registry},
    metrics::gauge::ConstGauge,
    registry::Registry,
};

use crate::listener::tls::Certificate;

const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the services, the gateway and the listeners of this process have to tell.
pub(super) async fn metrics(State((services, gateway, certificate)): State<(Services, Metrics, Option<Arc<Certificate>>)>) -> Response {
    let mut text = String::new();
    let services = services.measures.write_metrics(&mut text).await;
    let certificate = certificate.and_then(|certificate| certificate.validity());
    let of_certificate = |text: &mut String| certificate.map_or(Ok(()), |validity| write_end(text, validity.until.timestamp()));
    match services.and_then(|()| gateway.write(&mut text)).and_then(|()| of_certificate(&mut text)).and_then(|()| encode_eof(&mut text)) {
        Ok(()) => ([(header::CONTENT_TYPE, TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "writing metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn write_end(text: &mut String, end: i64) -> fmt::Result {
    let mut registry = Registry::default();
    let name = "portreeve_certificate_expiration_timestamp_seconds";
    registry.register(name, "When the certificate of the public listener ends, in seconds since the epoch", ConstGauge::new(end));
    encode_registry(text, &registry)
}
