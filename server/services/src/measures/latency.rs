//! How long requests take, in buckets.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, TypedMetric},
};

/// The longest times of the buckets, in microseconds. One more is for all that is longer.
const BOUNDS: [u64; 14] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000];

/// How many times are in each bucket.
pub(super) type Counts = [u64; BOUNDS.len() + 1];

/// A histogram without a lock: each request on each core comes by here.
#[derive(Debug, Default)]
pub struct Latency {
    counts: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Latency {
    /// Counts one.
    pub fn observe(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.counts[BOUNDS.partition_point(|bound| *bound < micros)].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> Counts {
        std::array::from_fn(|at| self.counts[at].load(Ordering::Relaxed))
    }
}

impl TypedMetric for Latency {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Latency {
    fn encode(&self, mut encoder: MetricEncoder) -> fmt::Result {
        let counts = self.counts();
        let bounds = BOUNDS.iter().map(|micros| seconds(*micros)).chain([f64::INFINITY]);
        let buckets: Vec<_> = bounds.zip(counts).collect();
        encoder.encode_histogram::<NoLabelSet>(seconds(self.micros.load(Ordering::Relaxed)), counts.iter().sum(), &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

fn seconds(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64()
}

/// The milliseconds within which a share of the requests was answered, if there were any; within a bucket they are taken as spread evenly.
#[expect(clippy::cast_precision_loss, reason = "what is estimated needs no 53 bits")]
pub(super) fn quantile(counts: &Counts, share: f64) -> Option<f64> {
    let rank = counts.iter().sum::<u64>() as f64 * share;
    let mut below = 0.0;
    for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let count = *count as f64;
        if below + count >= rank {
            let lower = if at == 0 { 0 } else { BOUNDS[at - 1] };
            // Of what is longer than the longest bound nothing more is known.
            let upper = BOUNDS.get(at).copied().unwrap_or(lower);
            let part = ((rank - below) / count).clamp(0.0, 1.0);
            return Some((lower as f64 + (upper - lower) as f64 * part) / 1000.0);
        }
        below += count;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_the_first_bucket_that_holds_it() {
        let latency = Latency::default();
        for micros in [0, 500, 501, 10_000_000, 10_000_001, u64::MAX / 4] {
            latency.observe(Duration::from_micros(micros));
        }
        let mut expected = Counts::default();
        (expected[0], expected[1], expected[13], expected[14]) = (2, 1, 1, 2);
        assert_eq!(latency.counts(), expected);
    }

    #[test]
    fn shares_are_found_within_their_bucket() {
        let mut counts = Counts::default();
        assert_eq!(quantile(&counts, 0.5), None);
        (counts[1], counts[4]) = (90, 10);
        assert_eq!(quantile(&counts, 0.45), Some(0.75));
        assert_eq!(quantile(&counts, 0.95), Some(7.5));
        assert_eq!(quantile(&counts, 1.0), Some(10.0));
        counts[14] = 1_000_000;
        assert_eq!(quantile(&counts, 0.99), Some(10_000.0));
    }
}
