//! Who may come in, and how fast. Every request, of a page, a server function or an API, passes the same layers.

mod access_log;
mod authorizer;
mod body_limit;
mod cors;
mod firewall;
#[cfg(fuzzing)]
pub mod fuzzing;
mod metrics;
mod origin;
mod pass;
mod problem;
mod request_id;
mod same_origin;
pub mod scopes;
mod security_headers;
mod throttle;
mod trace;
mod upstream;

use std::{ops::Deref, sync::Arc};

use axum::{Router, middleware};
use ipnet::IpNet;
use portreeve_backends::Random;
use portreeve_config::{Callers, ForwardedBy};
use portreeve_services::Services;
use url::Url;

use self::body_limit::Bodies;
pub use self::{
    cors::Cors,
    firewall::Firewall,
    metrics::Metrics,
    origin::Origin,
    problem::{Refusal, respond},
    scopes::Authorized,
    security_headers::CspNonce,
    throttle::Throttle,
    upstream::{Error as UpstreamError, Upstreams},
};

/// What the gateway needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach this installation.
    pub public_url: Url,
    /// Bytes of a request's body.
    pub body_limit: usize,
    /// Networks that are believed about whom they forward.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they say so.
    pub forwarded_by: ForwardedBy,
    /// How often requests may come; `None` if they are not counted.
    pub throttle: Option<Throttle>,
    /// Which pages of other origins may use the API.
    pub cors: Cors,
    /// What no request may be, and which ones are not wanted.
    pub firewall: Firewall,
    /// Services of one's own.
    pub upstreams: Upstreams,
    /// Where requests are counted.
    pub metrics: Metrics,
    /// What callers' traces count for; `None` if no traces are recorded.
    pub traces: Option<Callers>,
    /// For nonces and request ids.
    pub random: Random,
}

/// What the layers share; a request carries it in its extensions.
#[derive(Clone, Debug)]
struct Gateway(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: Settings,
    services: Services,
}

impl Deref for Gateway {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Puts `routes`, and those that stream what they are sent, behind the gateway.
pub fn guard(routes: Router, streaming: Router, settings: Settings, services: Services) -> Router {
    let gateway = Gateway(Arc::new(Shared { settings, services }));
    let behind = |routes: Router, bodies| routes.layer(middleware::from_fn_with_state((gateway.clone(), bodies), pass::pass));
    behind(routes, Bodies::Read).merge(behind(streaming, Bodies::Streamed))
}
