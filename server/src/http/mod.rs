//! What answers: pages and server functions, key sets, health.

mod health;
mod keys;
mod pages;

use axum::{Router, routing::get};
use portreeve_services::Services;

/// The public listener, behind the gateway.
pub fn public(services: &Services, gateway: portreeve_gateway::Settings) -> Router {
    let routes = Router::new()
        .route("/health", get(health::plain))
        .route("/.well-known/jwks.json", get(keys::jwks))
        .with_state(services.clone())
        .merge(pages::router(services, &gateway.public_url));
    portreeve_gateway::guard(routes, gateway, services.clone())
}

/// The internal listener. Nothing of this answers on the public one.
pub fn internal(services: &Services) -> Router {
    Router::new().route("/health/live", get(health::plain)).route("/health/ready", get(health::ready)).with_state(services.clone())
}
