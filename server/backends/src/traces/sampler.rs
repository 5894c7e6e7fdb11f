//! Which traces are recorded.

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

/// What a parent says counts for all below it; where a trace begins, `ratio` of them are recorded.
pub(super) fn of(ratio: f64) -> Sampler {
    Sampler::ParentBased(Box::new(Entrances(Sampler::TraceIdRatioBased(ratio))))
}

/// Traces begin where something comes in: a request, or an event. What runs by the clock would make one of each query that finds nothing to do.
#[derive(Clone, Debug)]
struct Entrances(Sampler);

impl ShouldSample for Entrances {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        if matches!(kind, SpanKind::Server | SpanKind::Consumer) {
            return self.0.should_sample(parent, trace, name, kind, attributes, links);
        }
        SamplingResult { decision: SamplingDecision::Drop, attributes: Vec::new(), trace_state: TraceState::default() }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags};

    use super::*;

    fn is_recorded(ratio: f64, parent: Option<TraceFlags>, kind: &SpanKind) -> bool {
        let span = |flags| SpanContext::new(TraceId::from(1), SpanId::from(1), flags, true, TraceState::default());
        let parent = parent.map(|flags| Context::new().with_remote_span_context(span(flags)));
        let result = of(ratio).should_sample(parent.as_ref(), TraceId::from(u128::MAX), "", kind, &[], &[]);
        result.decision == SamplingDecision::RecordAndSample
    }

    #[test]
    fn a_parent_decides_for_what_is_below_it() {
        for kind in [SpanKind::Server, SpanKind::Internal, SpanKind::Client] {
            assert!(is_recorded(0.0, Some(TraceFlags::SAMPLED), &kind));
            assert!(!is_recorded(1.0, Some(TraceFlags::default()), &kind));
        }
    }

    #[test]
    fn traces_begin_at_requests_and_events_and_nowhere_else() {
        for (kind, begins) in [(SpanKind::Server, true), (SpanKind::Consumer, true), (SpanKind::Internal, false), (SpanKind::Client, false)]
        {
            assert_eq!(is_recorded(1.0, None, &kind), begins, "{kind:?}");
            assert!(!is_recorded(0.0, None, &kind), "{kind:?}");
        }
    }
}
