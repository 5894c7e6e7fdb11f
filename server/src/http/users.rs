//! `/v1/users`: everyone's accounts, for administrators.

use axum::{
    extract::State,
    http::Uri,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use portreeve_contract::{
    UserId,
    user::{UserChange, UserDetail, UserPage, UserQuery},
};
use portreeve_gateway::scopes::{UsersRead, UsersWrite};
use portreeve_services::Services;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    compression::compressed,
    extract::{Id, IdempotencyKey, Json, Query, Seen, answer, replayed, tagged},
    paging::links,
};

const TAG: &str = "users";

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(compressed(routes!(list)))
        .routes(routes!(find, update))
        .routes(routes!(end_sessions))
        .routes(routes!(send_reset_link))
}

/// One page of accounts.
#[utoipa::path(get, path = "/v1/users", tag = TAG, operation_id = "listUsers", security(("access_token" = []), ("api_key" = ["users:read"])), params(UserQuery), responses(
    (status = 200, description = "A page.", body = UserPage, headers(("Link" = String, description = "The pages around it (RFC 8288): `next`, `prev`."))),
    (status = 403, description = "Not an administrator: `forbidden`."),
))]
async fn list(State(services): State<Services>, UsersRead(caller): UsersRead, uri: Uri, Query(query): Query<UserQuery>) -> Response {
    answer(services.users.list(&caller, query).await.map(|page: UserPage| {
        let links = links(&uri, &[("next", page.next.as_deref()), ("prev", page.previous.as_deref())]);
        (links, Json(page))
    }))
}

/// One account.
#[utoipa::path(get, path = "/v1/users/{id}", tag = TAG, operation_id = "findUser", security(("access_token" = []), ("api_key" = ["users:read"])), params(("id" = UserId, Path, description = "Of the account.")), responses(
    (status = 200, description = "The account, and where its owner is signed in.", body = UserDetail, headers(("ETag" = String, description = "The account's version, for `If-Match`."))),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 404, description = "There is no such account: `user_not_found`."),
))]
async fn find(State(services): State<Services>, UsersRead(caller): UsersRead, Id(id): Id<UserId>) -> Response {
    answer(services.users.detail(&caller, id).await.map(show))
}

/// Makes a member an administrator or the other way round, shuts an account and ends its sessions, or opens it again.
#[utoipa::path(patch, path = "/v1/users/{id}", tag = TAG, operation_id = "updateUser", security(("access_token" = []), ("api_key" = ["users:write"])), params(("id" = UserId, Path, description = "Of the account."), Seen),
    request_body(content((UserChange = "application/merge-patch+json"), (UserChange = "application/json"))), responses(
    (status = 200, description = "The account as it is now.", body = UserDetail, headers(("ETag" = String, description = "Its new version."))),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 404, description = "There is no such account: `user_not_found`."),
    (status = 409, description = "The last administrator can be neither demoted nor disabled: `last_admin`."),
    (status = 412, description = "It was changed since: `changed`."),
    (status = 428, description = "`If-Match` is missing: `precondition_required`."),
))]
async fn update(
    State(services): State<Services>,
    UsersWrite(caller): UsersWrite,
    Id(id): Id<UserId>,
    Seen(version): Seen,
    Json(change): Json<UserChange>,
) -> Response {
    answer(services.users.update(&caller, id, version, change).await.map(show))
}

/// Signs a person out everywhere.
#[utoipa::path(delete, path = "/v1/users/{id}/sessions", tag = TAG, operation_id = "endUserSessions", security(("access_token" = []), ("api_key" = ["users:write"])), params(("id" = UserId, Path, description = "Of the account.")), responses(
    (status = 204, description = "Their sessions are over."),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 404, description = "There is no such account: `user_not_found`."),
))]
async fn end_sessions(State(services): State<Services>, UsersWrite(caller): UsersWrite, Id(id): Id<UserId>) -> Response {
    answer(services.users.end_sessions(&caller, id).await.map(|()| StatusCode::NO_CONTENT))
}

/// Mails a person a link that sets a new password.
#[utoipa::path(post, path = "/v1/users/{id}/reset-link", tag = TAG, operation_id = "sendResetLink", security(("access_token" = []), ("api_key" = ["users:write"])), params(("id" = UserId, Path, description = "Of the account."), IdempotencyKey), responses(
    (status = 202, description = "A mail is on its way."),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 404, description = "There is no such account: `user_not_found`."),
))]
async fn send_reset_link(
    State(services): State<Services>,
    UsersWrite(caller): UsersWrite,
    Id(id): Id<UserId>,
    IdempotencyKey(idempotency_key): IdempotencyKey,
) -> Response {
    let sent = services.users.send_reset_link(&caller, id, idempotency_key).await;
    answer(sent.map(|effect| replayed(effect.is_repeated(), StatusCode::ACCEPTED)))
}

fn show(detail: UserDetail) -> Response {
    tagged(detail.user.version, detail).into_response()
}
