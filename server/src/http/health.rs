//! Whether it is worth sending requests here.

use axum::extract::State;
use http::StatusCode;
use portreeve_services::Services;

/// Answers as long as anything does.
pub(super) async fn plain() -> &'static str {
    "ok\n"
}

/// 503 while the database does not answer.
pub(super) async fn ready(State(services): State<Services>) -> (StatusCode, &'static str) {
    match services.database().ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
