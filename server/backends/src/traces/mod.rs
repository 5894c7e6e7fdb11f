//! Traces on their way to a collector: OpenTelemetry's, over OTLP as protobuf on HTTP.
//!
//! What is recorded waits in memory, of which there is a bound, and is sent in batches by a thread of its own. A collector that is away or slow costs spans and
//! never a request.

mod check;
mod client;
mod sampler;
mod sending;

use std::time::Duration;

use opentelemetry::{global, trace::TracerProvider as _};
use opentelemetry_otlp::{WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider},
};
use portreeve_config::Otlp;

pub use self::{
    check::{CheckError, check},
    sending::Counts,
};
use self::{
    client::Client,
    sending::{Bounded, Counted},
};

/// Why no traces can be sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client, mostly for want of certificates to trust.
    #[error("the client for the collector cannot be made: {0}")]
    Client(#[source] reqwest::Error),
    /// What the exporter does not take.
    #[error("{0}")]
    Exporter(#[source] opentelemetry_otlp::ExporterBuildError),
}

/// Where spans go. Made once for a process, in whose runtime they are sent.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
    counts: Counts,
    timeout: Duration,
}

impl Traces {
    /// Begins to send what is recorded. The collector need not be there.
    ///
    /// # Errors
    /// Settings that the exporter does not take.
    pub fn open(config: &Otlp, version: &'static str) -> Result<Self, Error> {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new(config.timeout).map_err(Error::Client)?)
            .with_endpoint(config.endpoint.as_str())
            .with_headers(config.headers().into_iter().collect())
            .with_timeout(config.timeout)
            .build()
            .map_err(Error::Exporter)?;
        let counts = Counts::default();
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(config.queue)
            .with_max_export_batch_size(config.queue.min(512))
            .with_scheduled_delay(config.interval)
            .build();
        let sending = BatchSpanProcessor::builder(Counted::new(exporter, config.endpoint.authority().to_owned(), counts.clone()))
            .with_batch_config(batches)
            .build();
        let resource = Resource::builder()
            .with_service_name(config.service_name.clone())
            .with_attribute(opentelemetry::KeyValue::new("service.version", version))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_sampler(sampler::of(config.sample_ratio))
            .with_resource(resource)
            .with_span_processor(Bounded::new(sending, config.queue, counts.clone()))
            .build();
        global::set_tracer_provider(provider.clone());
        Ok(Self { provider, counts, timeout: config.timeout })
    }

    /// What makes spans.
    pub fn tracer(&self) -> SdkTracer {
        self.provider.tracer("portreeve")
    }

    /// What became of them so far.
    pub fn counts(&self) -> Counts {
        self.counts.clone()
    }

    /// Sends what is left, for as long as the collector may take. Blocks.
    pub fn close(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(self.timeout) {
            tracing::warn!(%error, "the last spans did not get to the collector");
        }
    }
}
