//! `/v1`: the REST API, described as it is routed.

use axum::{Router, middleware, routing::any};
use portreeve_services::Services;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::{
    api_keys, auth, content,
    conventions::{self, Described, Forms},
    files, me, measures, openapi, service_accounts, shares, signing_keys, streams, uploads, users,
};

/// The routes with bodies within the gateway's limit, those that stream what they are sent, and what there is to say of both.
pub(super) fn api() -> (Router<Services>, Router<Services>, OpenApi) {
    let (in_json, mut document) = OpenApiRouter::with_openapi(openapi::introduction())
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
        .split_for_parts();
    let (others, of_others) = OpenApiRouter::new().merge(files::live()).merge(content::router()).split_for_parts();
    let (streaming, of_streaming) = OpenApiRouter::new().merge(files::streaming()).merge(uploads::streaming()).split_for_parts();
    document.merge(of_others);
    document.merge(of_streaming);
    openapi::complete(&mut document);

    let described = Described::of(&document);
    let keep =
        |routes: Router<Services>, forms| routes.layer(middleware::from_fn_with_state((described.clone(), forms), conventions::keep));
    let nothing = Router::new()
        .route("/v1", any(conventions::nothing))
        .route("/v1/", any(conventions::nothing))
        .route("/v1/{*rest}", any(conventions::nothing));
    (keep(in_json, Forms::Json).merge(keep(others, Forms::Any)).merge(nothing), keep(streaming, Forms::Any), document)
}
