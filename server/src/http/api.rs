//! `/v1`: the REST API, described as it is routed.

use axum::{Router, middleware, routing::any};
use portreeve_services::Services;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::{
    api_keys, auth, content,
    conventions::{self, Described},
    files, me, measures, openapi, service_accounts, shares, signing_keys, streams, uploads, users,
};

/// The routes with bodies within the gateway's limit, those that stream what they are sent, and what there is to say of both.
pub(super) fn api() -> (Router<Services>, Router<Services>, OpenApi) {
    let in_json = OpenApiRouter::new()
        .merge(auth::router())
        .merge(me::router())
        .merge(users::router())
        .merge(files::router())
        .merge(content::links())
        .merge(shares::router())
        .merge(streams::router())
        .merge(measures::router())
        .merge(api_keys::router())
        .merge(service_accounts::router())
        .merge(signing_keys::router())
        .merge(openapi::router())
        .layer(middleware::from_fn(conventions::in_json));
    let (routes, mut document) =
        OpenApiRouter::with_openapi(openapi::introduction()).merge(in_json).merge(files::live()).merge(content::router()).split_for_parts();
    let (streaming, of_streaming) = OpenApiRouter::new().merge(files::streaming()).merge(uploads::streaming()).split_for_parts();
    document.merge(of_streaming);
    openapi::complete(&mut document);

    let keep = middleware::from_fn_with_state(Described::of(&document), conventions::keep);
    let nothing = Router::new()
        .route("/v1", any(conventions::nothing))
        .route("/v1/", any(conventions::nothing))
        .route("/v1/{*rest}", any(conventions::nothing));
    (routes.layer(keep.clone()).merge(nothing), streaming.layer(keep), document)
}
