//! Whether a collector takes what it is sent.

use std::error::Error;

use portreeve_config::Otlp;
use reqwest::{StatusCode, header};

/// Why it does not.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Nobody answers there, or not in time.
    #[error("{}", root(.0))]
    Unreachable(#[source] reqwest::Error),
    /// Somebody does who takes no traces, or none with these headers.
    #[error("{0} at {1}")]
    Refused(StatusCode, String),
}

/// Sends a request without spans, which is a protobuf message of no bytes, and leaves nothing behind.
///
/// # Errors
/// Whatever keeps spans from getting there.
pub async fn check(config: &Otlp) -> Result<(), CheckError> {
    let client = super::client::build(config.timeout).map_err(CheckError::Unreachable)?;
    let request = client.post(config.endpoint.clone()).header(header::CONTENT_TYPE, "application/x-protobuf");
    let request = config.headers().into_iter().fold(request, |request, (name, value)| request.header(name, value));
    let status = request.send().await.map_err(CheckError::Unreachable)?.status();
    if status.is_success() { Ok(()) } else { Err(CheckError::Refused(status, config.endpoint.path().to_owned())) }
}

/// What lies at the bottom of it: those above only say that a request failed.
fn root<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    std::iter::successors(Some(error), |error| (**error).source()).last().unwrap_or(error)
}
