//! The bound on what waits, and the count of what became of it. OpenTelemetry's own processor keeps one too, and tells nobody of it but its log.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use opentelemetry::Context;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor},
};

/// What became of the spans of this process; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Counts(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    waiting: AtomicUsize,
    sent: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

impl Counts {
    /// How many the collector has taken.
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// How many it did not take, or not in time.
    pub fn failed(&self) -> u64 {
        self.0.failed.load(Ordering::Relaxed)
    }

    /// How many found the queue full.
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }
}

/// Lets spans wait until there are too many of them.
#[derive(Debug)]
pub(super) struct Bounded {
    inner: BatchSpanProcessor,
    most: usize,
    counts: Counts,
    told: AtomicBool,
}

impl Bounded {
    /// `most` is what `inner` can hold.
    pub(super) fn new(inner: BatchSpanProcessor, most: usize, counts: Counts) -> Self {
        Self { inner, most, counts, told: AtomicBool::default() }
    }
}

impl SpanProcessor for Bounded {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        let counts = &self.counts.0;
        let is_room =
            counts.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| (waiting < self.most).then_some(waiting + 1));
        if is_room.is_ok() {
            return self.inner.on_end(span);
        }
        counts.dropped.fetch_add(1, Ordering::Relaxed);
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(queue = self.most, "more spans than can be sent: some are dropped, and counted in /metrics; this is told once");
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// Counts what an exporter gets rid of; tells when that stops working, and when it works again.
#[derive(Debug)]
pub(super) struct Counted<E> {
    inner: E,
    collector: String,
    counts: Counts,
    is_away: AtomicBool,
}

impl<E> Counted<E> {
    pub(super) fn new(inner: E, collector: String, counts: Counts) -> Self {
        Self { inner, collector, counts, is_away: AtomicBool::default() }
    }
}

impl<E: SpanExporter> SpanExporter for Counted<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let (counts, spans) = (&self.counts.0, batch.len());
        counts.waiting.fetch_sub(spans, Ordering::Relaxed);
        let result = self.inner.export(batch).await;
        let count = if result.is_ok() { &counts.sent } else { &counts.failed };
        count.fetch_add(spans as u64, Ordering::Relaxed);
        let was_away = self.is_away.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Err(error) if !was_away => {
                tracing::warn!(collector = self.collector, %error, "spans do not get to the collector; told again when they do");
            }
            Ok(()) if was_away => {
                tracing::info!(
                    collector = self.collector,
                    lost = counts.failed.load(Ordering::Relaxed),
                    "spans get to the collector again"
                );
            }
            _ => {}
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
