//! How things stand, which takes a query to know. Asked at most once a second, however many want to know.

use std::{fmt, sync::Arc, time::Duration};

use parking_lot::Mutex;
use portreeve_backends::stream::ConsumerInfo;
use portreeve_database::{Connections, Counts};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::MetricType::{Counter, Gauge},
};
use tokio::time::{Instant, timeout};

use crate::core::Core;

/// How old an answer may be.
const FRESH: Duration = Duration::from_secs(1);
/// Whoever scrapes gives up before long; what needs no database must not be lost with what does.
const PATIENCE: Duration = Duration::from_secs(2);

/// The last answer.
#[derive(Debug)]
pub(super) struct Standing {
    core: Arc<Core>,
    started_at: i64,
    /// One asks at a time. When that was last done.
    asked_at: tokio::sync::Mutex<Option<Instant>>,
    /// `None` while the database does not answer.
    consumers: Mutex<Option<Vec<ConsumerInfo>>>,
}

impl Standing {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { started_at: core.now().timestamp(), core, asked_at: tokio::sync::Mutex::default(), consumers: Mutex::default() }
    }

    /// Asks, if the last answer is no longer fresh.
    pub(super) async fn refresh(&self) {
        let mut asked_at = self.asked_at.lock().await;
        if asked_at.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        let answer = match timeout(PATIENCE, self.core.stream.consumers()).await {
            Ok(Ok(consumers)) => Some(consumers),
            Ok(Err(error)) => {
                tracing::warn!(%error, "how the stream's consumers fare cannot be read");
                None
            }
            Err(_) => {
                tracing::warn!("how the stream's consumers fare cannot be read: the database takes too long");
                None
            }
        };
        *self.consumers.lock() = answer;
        *asked_at = Some(Instant::now());
    }

    /// Events that the consumer furthest behind has still to take up.
    pub(super) fn lag(&self) -> Option<u64> {
        let consumers = self.consumers.lock();
        let lags = consumers.as_ref()?.iter().map(|consumer| u64::try_from(consumer.lag).unwrap_or_default());
        Some(lags.max().unwrap_or_default())
    }
}

impl Collector for Standing {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let consumers = self.consumers.lock();
        let started = "When the process started, in seconds since the epoch";
        encoder.encode_descriptor("process_start_time_seconds", started, None, Gauge)?.encode_gauge(&self.started_at)?;
        let answers = i64::from(consumers.is_some());
        encoder.encode_descriptor("portreeve_database_up", "Whether the database answers", None, Gauge)?.encode_gauge(&answers)?;
        let Counts { hits, misses } = self.core.standings.counts();
        let help = "Sessions and keys of callers that were remembered, with their accounts";
        encoder
            .encode_descriptor("portreeve_caller_cache_hits", help, None, Counter)?
            .encode_counter::<NoLabelSet, u64, u64>(&hits, None)?;
        let help = "Sessions and keys of callers that were read from the database";
        encoder
            .encode_descriptor("portreeve_caller_cache_misses", help, None, Counter)?
            .encode_counter::<NoLabelSet, u64, u64>(&misses, None)?;
        pool(&mut encoder, self.core.database.connections())?;
        stream(&mut encoder, consumers.as_deref().unwrap_or_default())
    }
}

fn pool(encoder: &mut DescriptorEncoder, Connections { open, idle, most }: Connections) -> fmt::Result {
    let mut connections =
        encoder.encode_descriptor("portreeve_database_connections", "Open connections of the pool, by state", None, Gauge)?;
    for (state, count) in [("idle", idle), ("used", open - idle)] {
        connections.encode_family(&[("state", state)])?.encode_gauge(&i64::from(count))?;
    }
    let limit = "As many as the pool may open";
    encoder.encode_descriptor("portreeve_database_connections_max", limit, None, Gauge)?.encode_gauge(&i64::from(most))
}

fn stream(encoder: &mut DescriptorEncoder, consumers: &[ConsumerInfo]) -> fmt::Result {
    type Read = fn(&ConsumerInfo) -> i64;
    let gauges: [(&str, &str, Read); 4] = [
        ("portreeve_stream_lag_events", "Events that a consumer has still to take up", |it| it.lag),
        ("portreeve_stream_pending_events", "Events in a consumer's hands, or waiting for another try", |it| signed(it.pending)),
        ("portreeve_stream_failing_events", "Those of them that failed before", |it| signed(it.failing)),
        ("portreeve_stream_dead_letters", "Events that a consumer gave up on", |it| signed(it.dead)),
    ];
    for (name, help, read) in gauges {
        let mut gauge = encoder.encode_descriptor(name, help, None, Gauge)?;
        for consumer in consumers {
            gauge.encode_family(&[("consumer", consumer.name.as_str())])?.encode_gauge(&read(consumer))?;
        }
    }
    let handled = "Events that a consumer has finished, in all processes together";
    let mut counter = encoder.encode_descriptor("portreeve_stream_handled_events", handled, None, Counter)?;
    for consumer in consumers {
        let handled = u64::try_from(consumer.handled).unwrap_or_default();
        counter.encode_family(&[("consumer", consumer.name.as_str())])?.encode_counter::<NoLabelSet, u64, u64>(&handled, None)?;
    }
    Ok(())
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
