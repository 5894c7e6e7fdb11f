//! Counting requests: by route, method, status and kind of caller, none of which a stranger can make up new values of.

use std::{
    collections::HashSet,
    fmt::{self, Write},
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use axum::extract::MatchedPath;
use http::{Method, StatusCode};
use parking_lot::RwLock;
use portreeve_services::{Caller, measures::Latency};
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, text::encode_registry},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use crate::{
    firewall::Firewall,
    problem::Told,
    upstream::{Upstream, Upstreams},
};

/// Codes of problems that are told apart. There are fewer, and one that is made up on the way must not cost memory.
const CODES: usize = 200;

/// What is counted of this process' requests; clones are the same.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    requests: Family<Labels, Latency>,
    active: Gauge,
    refusals: Family<[(&'static str, Arc<str>); 1], Counter>,
    codes: RwLock<HashSet<Arc<str>>>,
    registry: Registry,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    route: Route,
    method: &'static str,
    status: u16,
    caller: &'static str,
}

/// Where a request goes, as the operator or the code names it: paths can hold ids, and whatever a stranger typed.
#[derive(Clone, Debug)]
pub(crate) enum Route {
    Own(MatchedPath),
    Upstream(Arc<Upstream>),
    None,
}

impl Route {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Own(path) => path.as_str(),
            Self::Upstream(upstream) => upstream.name(),
            Self::None => "none",
        }
    }
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Route {}

impl Hash for Route {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl EncodeLabelValue for Route {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> fmt::Result {
        encoder.write_str(self.as_str())
    }
}

/// Whom a request was found to speak for, noted where that is found out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<AtomicU8>);

impl Seen {
    pub(crate) fn note(&self, caller: &Caller) {
        self.0.store(if caller.session().is_some() { 1 } else { 2 }, Ordering::Relaxed);
    }

    pub(crate) fn as_str(&self) -> &'static str {
        match self.0.load(Ordering::Relaxed) {
            0 => "anonymous",
            1 => "session",
            _ => "api_key",
        }
    }
}

/// A request that is under way, until this is dropped.
#[derive(Debug)]
pub(crate) struct Active(Gauge);

impl Drop for Active {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Of a gateway with these upstreams, and with the rules of this firewall.
    pub fn new(upstreams: &Upstreams, firewall: &Firewall) -> Self {
        let (requests, active, refusals) = (Family::default(), Gauge::default(), Family::default());
        let mut registry = Registry::default();
        let help = "How long requests took until their answer began";
        registry.register("http_server_request_duration_seconds", help, Family::clone(&requests));
        registry.register("http_server_active_requests", "Requests whose answer has not begun", Gauge::clone(&active));
        registry.register("portreeve_refusals", "Requests that were answered with a problem, by its code", Family::clone(&refusals));
        registry.register_collector(Box::new(upstreams.clone()));
        registry.register_collector(Box::new(firewall.clone()));
        Self(Arc::new(Inner { requests, active, refusals, codes: RwLock::default(), registry }))
    }

    /// All of it, for a collector, in OpenMetrics' text.
    pub fn write(&self, text: &mut String) -> fmt::Result {
        encode_registry(text, &self.0.registry)
    }

    pub(crate) fn begin(&self) -> Active {
        self.0.active.inc();
        Active(self.0.active.clone())
    }

    pub(crate) fn served(&self, route: Route, method: &Method, status: StatusCode, seen: &Seen, took: Duration) {
        let labels = Labels { route, method: method_name(method), status: status_number(status), caller: seen.as_str() };
        self.0.requests.get_or_create(&labels).observe(took);
    }

    pub(crate) fn refused(&self, told: &Told) {
        let label = [("code", told.0.clone())];
        let is_known = self.0.codes.read().contains(&told.0);
        if is_known || self.learn(&told.0) {
            self.0.refusals.get_or_create(&label).inc();
        } else {
            self.0.refusals.get_or_create(&[("code", "other".into())]).inc();
        }
    }

    /// Whether there is room for one more code.
    fn learn(&self, code: &Arc<str>) -> bool {
        let mut codes = self.0.codes.write();
        codes.contains(code) || codes.len() < CODES && codes.insert(code.clone())
    }
}

pub(crate) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => "other",
    }
}

/// Upstreams may answer what no standard knows: that is counted as the first of its class, as a client takes it (RFC 9110 §15).
fn status_number(status: StatusCode) -> u16 {
    let number = status.as_u16();
    // tus' own is ours, too.
    if status.canonical_reason().is_some() || number == 460 { number } else { number / 100 * 100 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_make_up_a_new_value_of_a_label() {
        assert_eq!(method_name(&"BREW".parse().unwrap()), "other");
        let numbers = [200, 299, 460, 599, 999].map(|number| status_number(StatusCode::from_u16(number).unwrap()));
        assert_eq!(numbers, [200, 200, 460, 500, 900]);

        let config = portreeve_config::Config::embedded().unwrap();
        let firewall = Firewall::new(&config.public, &config.gateway.rule);
        let metrics = Metrics::new(&Upstreams::default(), &firewall);
        for number in 0..1000 {
            metrics.refused(&Told(number.to_string().into()));
        }
        let mut text = String::new();
        metrics.write(&mut text).unwrap();
        assert_eq!(text.matches("portreeve_refusals_total{").count(), CODES + 1);
        assert!(text.contains(&format!("portreeve_refusals_total{{code=\"other\"}} {}", 1000 - CODES)), "{text}");
    }
}
