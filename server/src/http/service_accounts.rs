//! `/v1/service-accounts`: identities of machines, for administrators. Their keys are made, seen and revoked by whoever is signed in, never by a key.

use axum::{
    extract::{Path, State},
    http::Uri,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use portreeve_contract::{
    ApiKeyId, UserId,
    api_key::{ApiKeyPage, CreatedApiKey, NewApiKey},
    service_account::{NewServiceAccount, ServiceAccount, ServiceAccountChange, ServiceAccountPage, ServiceAccountQuery},
};
use portreeve_gateway::{
    Authorized,
    scopes::{UsersRead, UsersWrite},
};
use portreeve_services::Services;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Id, IdempotencyKey, Json, Query, Seen, answer, not_found, replayed, tagged},
    paging::links,
};

const TAG: &str = "service-accounts";

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(find, update, delete))
        .routes(routes!(keys, create_key))
        .routes(routes!(revoke_key))
}

/// One page of service accounts.
#[utoipa::path(get, path = "/v1/service-accounts", tag = TAG, operation_id = "listServiceAccounts", security(("access_token" = []), ("api_key" = ["users:read"])), params(ServiceAccountQuery), responses(
    (status = 200, description = "A page.", body = ServiceAccountPage, headers(("Link" = String, description = "The pages around it (RFC 8288): `next`, `prev`."))),
    (status = 403, description = "Not an administrator: `forbidden`."),
))]
async fn list(
    State(services): State<Services>,
    UsersRead(caller): UsersRead,
    uri: Uri,
    Query(query): Query<ServiceAccountQuery>,
) -> Response {
    answer(services.service_accounts.list(&caller, query).await.map(|page: ServiceAccountPage| {
        let links = links(&uri, &[("next", page.next.as_deref()), ("prev", page.previous.as_deref())]);
        (links, Json(page))
    }))
}

/// Makes a service account. It opens nothing until it has a key.
#[utoipa::path(post, path = "/v1/service-accounts", tag = TAG, operation_id = "createServiceAccount", security(("access_token" = []), ("api_key" = ["users:write"])), params(IdempotencyKey), request_body = NewServiceAccount, responses(
    (status = 201, description = "The account.", body = ServiceAccount, headers(
        ("Location" = String, description = "`/v1/service-accounts/{id}`"),
        ("ETag" = String, description = "Its version, for `If-Match`."),
        ("Idempotency-Replayed" = Option<String>, description = "`true` if this is the answer to an earlier request."),
    )),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 422, description = "`/name` cannot be accepted."),
))]
async fn create(
    State(services): State<Services>,
    UsersWrite(caller): UsersWrite,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Json(new): Json<NewServiceAccount>,
) -> Response {
    answer(services.service_accounts.create(&caller, new, idempotency_key).await.map(|created| {
        let location = format!("/v1/service-accounts/{}", created.account.id);
        replayed(created.repeated, (StatusCode::CREATED, [(header::LOCATION, location)], show(created.account)))
    }))
}

/// One service account.
#[utoipa::path(get, path = "/v1/service-accounts/{id}", tag = TAG, operation_id = "findServiceAccount", security(("access_token" = []), ("api_key" = ["users:read"])), params(("id" = UserId, Path, description = "Of the account.")), responses(
    (status = 200, description = "The account.", body = ServiceAccount, headers(("ETag" = String, description = "Its version, for `If-Match`."))),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 404, description = "There is no such account, or it is a person's: `service_account_not_found`."),
))]
async fn find(State(services): State<Services>, UsersRead(caller): UsersRead, Id(id): Id<UserId>) -> Response {
    answer(services.service_accounts.find(&caller, id).await.map(show))
}

/// Renames a service account, says what it may do, or has its keys refused and taken again.
#[utoipa::path(patch, path = "/v1/service-accounts/{id}", tag = TAG, operation_id = "updateServiceAccount", security(("access_token" = []), ("api_key" = ["users:write"])), params(("id" = UserId, Path, description = "Of the account."), Seen),
    request_body(content((ServiceAccountChange = "application/merge-patch+json"), (ServiceAccountChange = "application/json"))), responses(
    (status = 200, description = "The account as it is now.", body = ServiceAccount, headers(("ETag" = String, description = "Its new version."))),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 404, description = "There is no such account, or it is a person's: `service_account_not_found`."),
    (status = 412, description = "It was changed since: `changed`."),
    (status = 422, description = "`/name` cannot be accepted."),
    (status = 428, description = "`If-Match` is missing: `precondition_required`."),
))]
async fn update(
    State(services): State<Services>,
    UsersWrite(caller): UsersWrite,
    Id(id): Id<UserId>,
    Seen(version): Seen,
    Json(change): Json<ServiceAccountChange>,
) -> Response {
    answer(services.service_accounts.update(&caller, id, version, change).await.map(show))
}

/// Erases a service account with its keys and its files, at once and for good.
#[utoipa::path(delete, path = "/v1/service-accounts/{id}", tag = TAG, operation_id = "deleteServiceAccount", security(("access_token" = []), ("api_key" = ["users:write"])), params(("id" = UserId, Path, description = "Of the account.")), responses(
    (status = 204, description = "It is gone."),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 404, description = "There is no such account, or it is a person's: `service_account_not_found`."),
))]
async fn delete(State(services): State<Services>, UsersWrite(caller): UsersWrite, Id(id): Id<UserId>) -> Response {
    answer(services.service_accounts.delete(&caller, id).await.map(|()| StatusCode::NO_CONTENT))
}

/// The keys of a service account, without what they open with.
#[utoipa::path(get, path = "/v1/service-accounts/{id}/api-keys", tag = TAG, operation_id = "listServiceAccountKeys", params(("id" = UserId, Path, description = "Of the account.")), responses(
    (status = 200, description = "The newest first.", body = ApiKeyPage),
    (status = 403, description = "This is for administrators: `forbidden`; and for no key: `session_required`."),
    (status = 404, description = "There is no such account, or it is a person's: `service_account_not_found`."),
))]
async fn keys(State(services): State<Services>, Authorized(caller): Authorized, Id(id): Id<UserId>) -> Response {
    answer(services.api_keys.list_of(&caller, id).await.map(|items| Json(ApiKeyPage { items, next: None })))
}

/// Makes a key that acts for a service account, as far as its scopes go. It is told this once.
#[utoipa::path(post, path = "/v1/service-accounts/{id}/api-keys", tag = TAG, operation_id = "createServiceAccountKey", params(("id" = UserId, Path, description = "Of the account."), IdempotencyKey), request_body = NewApiKey, responses(
    (status = 201, description = "The key.", body = CreatedApiKey),
    (status = 403, description = "This is for administrators: `forbidden`; and for no key: `session_required`."),
    (status = 404, description = "There is no such account, or it is a person's: `service_account_not_found`."),
    (status = 409, description = "It has as many as are allowed (`too_many_api_keys`), or this was done before (`idempotency_done`): a key is told once."),
    (status = 422, description = "`/name`, `/scopes`, `/expires_at` or `/plan` cannot be accepted."),
))]
async fn create_key(
    State(services): State<Services>,
    Authorized(caller): Authorized,
    Id(id): Id<UserId>,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Json(new): Json<NewApiKey>,
) -> Response {
    answer(services.api_keys.create_of(&caller, id, new, idempotency_key).await.map(|created| {
        let location = format!("/v1/service-accounts/{id}/api-keys/{}", created.api_key.id);
        (StatusCode::CREATED, [(header::LOCATION, location), (header::CACHE_CONTROL, "no-store".to_owned())], Json(created)).into_response()
    }))
}

/// Ends a key of a service account. It opens nothing from the next request on.
#[utoipa::path(delete, path = "/v1/service-accounts/{id}/api-keys/{key}", tag = TAG, operation_id = "revokeServiceAccountKey", params(
    ("id" = UserId, Path, description = "Of the account."),
    ("key" = ApiKeyId, Path, description = "Of the key."),
), responses(
    (status = 204, description = "It is over."),
    (status = 403, description = "This is for administrators: `forbidden`; and for no key: `session_required`."),
    (status = 404, description = "There is no such account (`service_account_not_found`), or it has no such key, any more (`api_key_not_found`)."),
))]
async fn revoke_key(State(services): State<Services>, Authorized(caller): Authorized, Path((id, key)): Path<(String, String)>) -> Response {
    let (Ok(id), Ok(key)) = (id.parse::<UserId>(), key.parse::<ApiKeyId>()) else {
        return answer::<(), _>(Err(not_found()));
    };
    answer(services.api_keys.revoke_of(&caller, id, key).await.map(|()| StatusCode::NO_CONTENT))
}

fn show(account: ServiceAccount) -> Response {
    tagged(account.version, account)
}
