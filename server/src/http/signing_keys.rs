//! `/v1/signing-keys`, for administrators who are signed in: no key for machines may touch what vouches for everyone.

use axum::{extract::State, response::Response};
use http::StatusCode;
use portreeve_contract::signing_key::SigningKey;
use portreeve_gateway::Authorized;
use portreeve_services::Services;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::extract::{IdempotencyKey, Json, answer, replayed};

const TAG: &str = "signing-keys";

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list, rotate))
}

/// The keys that access tokens are signed with, in the order in which they sign. What verifies them is at `/.well-known/jwks.json`.
///
/// In one piece: there is one more than sign or have lately signed, since no other is made while one waits to.
#[utoipa::path(get, path = "/v1/signing-keys", tag = TAG, operation_id = "listSigningKeys", responses(
    (status = 200, description = "All that are published.", body = Vec<SigningKey>),
    (status = 403, description = "Not an administrator: `forbidden`."),
))]
async fn list(State(services): State<Services>, Authorized(caller): Authorized) -> Response {
    answer(services.keys.list_for(&caller).map(Json))
}

/// Makes the next key. It is published at once and signs after 15 minutes; the present one stays until nothing it signed can be valid.
#[utoipa::path(post, path = "/v1/signing-keys", tag = TAG, operation_id = "rotateSigningKeys", params(IdempotencyKey), responses(
    (status = 201, description = "The next key.", body = SigningKey),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 409, description = "The next key is published already, and does not sign yet: `rotation_pending`."),
))]
async fn rotate(
    State(services): State<Services>,
    Authorized(caller): Authorized,
    IdempotencyKey(idempotency_key): IdempotencyKey,
) -> Response {
    let made = services.keys.rotate_for(&caller, idempotency_key).await;
    answer(made.map(|(key, effect)| replayed(effect.is_repeated(), (StatusCode::CREATED, Json(key)))))
}
