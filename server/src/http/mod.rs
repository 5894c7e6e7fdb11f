//! What answers: pages and server functions, the API, key sets, health.

mod body;
mod content;
mod extract;
mod files;
mod health;
mod keys;
mod pages;
mod shares;
mod uploads;

use axum::{Router, routing::get};
use portreeve_services::Services;

/// The public listener, behind the gateway.
pub fn public(services: &Services, gateway: portreeve_gateway::Settings) -> Router {
    let routes = Router::new()
        .route("/health", get(health::plain))
        .route("/.well-known/jwks.json", get(keys::jwks))
        .merge(files::router())
        .merge(content::router())
        .merge(shares::router())
        .with_state(services.clone())
        .merge(pages::router(services, &gateway.public_url));
    let streaming = Router::new().merge(files::streaming()).merge(uploads::streaming()).with_state(services.clone());
    portreeve_gateway::guard(routes, streaming, gateway, services.clone())
}

/// The internal listener. Nothing of this answers on the public one.
pub fn internal(services: &Services) -> Router {
    Router::new().route("/health/live", get(health::plain)).route("/health/ready", get(health::ready)).with_state(services.clone())
}
