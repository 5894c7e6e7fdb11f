//! How often rules fitted, for a collector.

use std::{fmt, sync::atomic::Ordering};

use portreeve_config::RuleAction;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::MetricType,
};

use super::Firewall;

/// All rules in their order, those that never fitted too.
impl Collector for Firewall {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let help = "Requests that a rule of the firewall fitted, by what it does with them";
        let mut counter = encoder.encode_descriptor("portreeve_firewall_matches", help, None, MetricType::Counter)?;
        for rule in &self.0.rules {
            let labels = [("rule", rule.name.as_str()), ("action", word(rule.action))];
            counter.encode_family(&labels)?.encode_counter::<NoLabelSet, u64, u64>(&rule.fitted.load(Ordering::Relaxed), None)?;
        }
        Ok(())
    }
}

fn word(action: RuleAction) -> &'static str {
    match action {
        RuleAction::Allow => "allow",
        RuleAction::Block => "block",
        RuleAction::Count => "count",
    }
}
