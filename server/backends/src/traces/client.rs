//! The exporter's way to the collector.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

/// Sends in the process' runtime what the exporter's thread, which has none, hands over.
#[derive(Debug)]
pub(super) struct Client {
    client: reqwest::Client,
    runtime: Handle,
}

impl Client {
    /// To be made in a runtime.
    pub(super) fn new(timeout: Duration) -> Result<Self, reqwest::Error> {
        Ok(Self { client: build(timeout)?, runtime: Handle::current() })
    }
}

/// Follows no redirect: that could take the headers, of which one may be a secret, somewhere else.
pub(super) fn build(timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder().timeout(timeout).redirect(reqwest::redirect::Policy::none()).build()
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        self.runtime.spawn(async move { client.send_bytes(request).await }).await?
    }
}
