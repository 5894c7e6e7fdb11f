//! What answers: pages and server functions, the API, key sets, health.

mod api;
mod api_keys;
mod auth;
mod body;
mod compression;
mod content;
mod conventions;
pub mod errors;
mod extract;
mod files;
#[cfg(fuzzing)]
pub mod fuzzing;
mod health;
mod keys;
mod me;
mod measures;
mod metrics;
mod openapi;
mod pages;
mod paging;
mod reference;
mod retirement;
mod service_accounts;
mod shares;
mod signing_keys;
mod streams;
mod uploads;
mod users;

use std::sync::Arc;

use axum::{Router, routing::get};
use portreeve_backends::traces::Counts;
use portreeve_services::Services;

pub use self::openapi::text as openapi;
use crate::listener::tls::Certificate;

/// The public listener, behind the gateway.
pub fn public(services: &Services, gateway: portreeve_gateway::Settings) -> Router {
    let (api, streaming, _) = api::api();
    let routes = Router::new()
        .route("/health", get(health::plain))
        .route("/.well-known/jwks.json", get(keys::jwks))
        .merge(content::linked())
        .merge(reference::router())
        .merge(errors::router())
        .merge(api)
        .with_state(services.clone())
        .merge(pages::router(services, &gateway.public_url));
    portreeve_gateway::guard(routes, streaming.with_state(services.clone()), gateway, services.clone())
}

/// The internal listener. Nothing of this answers on the public one.
pub fn internal(services: &Services, metrics: portreeve_gateway::Metrics, spans: Counts, certificate: Option<Arc<Certificate>>) -> Router {
    let metrics = metrics::Sources::new(services.clone(), metrics, spans, certificate);
    Router::new()
        .route("/health/live", get(health::plain))
        .route("/health/ready", get(health::ready))
        .with_state(services.clone())
        .merge(Router::new().route("/metrics", get(metrics::metrics)).with_state(metrics))
}
