//! `/metrics`, for a collector: OpenMetrics' text.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use portreeve_gateway::Metrics;
use portreeve_services::Services;
use prometheus_client::encoding::text::encode_eof;

const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the services and the gateway of this process have counted.
pub(super) async fn metrics(State((services, gateway)): State<(Services, Metrics)>) -> Response {
    let mut text = String::new();
    let services = services.measures.write_metrics(&mut text).await;
    match services.and_then(|()| gateway.write(&mut text)).and_then(|()| encode_eof(&mut text)) {
        Ok(()) => ([(header::CONTENT_TYPE, TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "writing metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
