//! `/v1/api-keys`: keys for machines. Made, seen and revoked by whoever is signed in, never by a key.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use portreeve_contract::{
    ApiKeyId,
    api_key::{ApiKey, ApiKeyPage, CreatedApiKey, KeyPlan, NewApiKey},
};
use portreeve_gateway::Authorized;
use portreeve_services::Services;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::extract::{Id, IdempotencyKey, Json, Seen, answer, tagged};

const TAG: &str = "api-keys";

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke)).routes(routes!(set_plan))
}

/// One's keys, without what they open with.
#[utoipa::path(get, path = "/v1/api-keys", tag = TAG, operation_id = "listApiKeys",
    responses((status = 200, description = "The newest first.", body = ApiKeyPage)))]
async fn list(State(services): State<Services>, Authorized(caller): Authorized) -> Response {
    answer(services.api_keys.list(&caller).await.map(|items| Json(ApiKeyPage { items, next: None })))
}

/// Makes a key that acts for whoever makes it, as far as its scopes go. It is told this once.
#[utoipa::path(post, path = "/v1/api-keys", tag = TAG, operation_id = "createApiKey", params(IdempotencyKey), request_body = NewApiKey, responses(
    (status = 201, description = "The key.", body = CreatedApiKey),
    (status = 403, description = "A key cannot do this (`session_required`), or one is no administrator and named a plan (`forbidden`)."),
    (status = 409, description = "One has as many as are allowed (`too_many_api_keys`), or this was done before (`idempotency_done`): a key is told once."),
    (status = 422, description = "`/name`, `/scopes`, `/expires_at` or `/plan` cannot be accepted."),
))]
async fn create(
    State(services): State<Services>,
    Authorized(caller): Authorized,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Json(new): Json<NewApiKey>,
) -> Response {
    answer(services.api_keys.create(&caller, new, idempotency_key).await.map(|created| {
        let location = format!("/v1/api-keys/{}", created.api_key.id);
        (StatusCode::CREATED, [(header::LOCATION, location), (header::CACHE_CONTROL, "no-store".to_owned())], Json(created)).into_response()
    }))
}

/// Ends a key. It opens nothing from the next request on.
#[utoipa::path(delete, path = "/v1/api-keys/{id}", tag = TAG, operation_id = "revokeApiKey", params(("id" = ApiKeyId, Path, description = "Of the key.")), responses(
    (status = 204, description = "It is over."),
    (status = 404, description = "There is no such key of one's own, any more: `api_key_not_found`."),
))]
async fn revoke(State(services): State<Services>, Authorized(caller): Authorized, Id(id): Id<ApiKeyId>) -> Response {
    answer(services.api_keys.revoke(&caller, id).await.map(|()| StatusCode::NO_CONTENT))
}

/// Says by which plan anybody's key is counted. An administrator's to say. A key's `version`, in quotes, is its `ETag`.
#[utoipa::path(put, path = "/v1/api-keys/{id}/plan", tag = TAG, operation_id = "setApiKeyPlan", params(("id" = ApiKeyId, Path, description = "Of the key."), Seen),
    request_body = KeyPlan, responses(
    (status = 200, description = "The key.", body = ApiKey, headers(("ETag" = String, description = "Its new version."))),
    (status = 403, description = "This is for administrators: `forbidden`; and for no key: `session_required`."),
    (status = 404, description = "There is no such key: `api_key_not_found`."),
    (status = 412, description = "It was changed since: `changed`."),
    (status = 422, description = "There is no such `/plan`."),
    (status = 428, description = "`If-Match` is missing: `precondition_required`."),
))]
async fn set_plan(
    State(services): State<Services>,
    Authorized(caller): Authorized,
    Id(id): Id<ApiKeyId>,
    Seen(version): Seen,
    Json(KeyPlan { plan }): Json<KeyPlan>,
) -> Response {
    answer(services.api_keys.set_plan(&caller, id, version, plan).await.map(|key| tagged(key.version, key)))
}
