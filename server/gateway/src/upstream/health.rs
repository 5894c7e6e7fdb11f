//! How upstreams fare, for a collector.

use std::{fmt, sync::atomic::Ordering};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::MetricType::{Counter, Gauge},
};
use tokio::time::Instant;

use super::{Upstreams, endpoint::Endpoint};

/// Only what is there now: an address that a name no longer leads to is told no more.
impl Collector for Upstreams {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let help = "Requests that were sent to an upstream's targets, repeated ones too, by what came of them";
        let mut tries = encoder.encode_descriptor("portreeve_upstream_tries", help, None, Counter)?;
        for upstream in self.0.iter() {
            for (outcome, count) in [("answered", &upstream.tries.answered), ("failed", &upstream.tries.failed)] {
                let labels = [("upstream", upstream.name()), ("outcome", outcome)];
                tries.encode_family(&labels)?.encode_counter::<NoLabelSet, u64, u64>(&count.load(Ordering::Relaxed), None)?;
            }
        }
        let now = Instant::now();
        let help = "Whether an upstream's target gets requests: it is well, and its circuit is closed";
        self.targets(&mut encoder, "portreeve_upstream_target_up", help, |target| i64::from(target.is_open_to(now)))?;
        let help = "Requests that an upstream's target has not answered in full yet";
        let active = |target: &Endpoint| i64::try_from(target.active()).unwrap_or(i64::MAX);
        self.targets(&mut encoder, "portreeve_upstream_target_active_requests", help, active)
    }
}

impl Upstreams {
    fn targets(&self, encoder: &mut DescriptorEncoder, name: &str, help: &str, read: impl Fn(&Endpoint) -> i64) -> fmt::Result {
        let mut gauge = encoder.encode_descriptor(name, help, None, Gauge)?;
        for upstream in self.0.iter() {
            for target in upstream.balance.endpoints().iter() {
                let labels = [("upstream", upstream.name()), ("target", target.authority.as_str())];
                gauge.encode_family(&labels)?.encode_gauge(&read(target))?;
            }
        }
        Ok(())
    }
}
