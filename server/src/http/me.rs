//! `/v1/me`: one's own account and sessions.

use axum::{
    extract::State,
    http::Uri,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use portreeve_contract::{
    SessionId,
    page::PageQuery,
    session::SessionPage,
    user::{ChangeEmail, ChangePassword, DeleteAccount, DeletionScheduled, Profile, ProfileChange},
};
use portreeve_gateway::{
    Authorized,
    scopes::{AccountRead, AccountWrite},
};
use portreeve_services::Services;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Id, IdempotencyKey, Json, Query, Seen, answer, replayed, tagged},
    paging::links,
};

const TAG: &str = "me";

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(find, update, delete))
        .routes(routes!(change_password))
        .routes(routes!(change_email))
        .routes(routes!(sessions, revoke_sessions))
        .routes(routes!(revoke_session))
}

/// One's own account.
#[utoipa::path(get, path = "/v1/me", tag = TAG, operation_id = "me", security(("access_token" = []), ("api_key" = ["account:read"])), responses(
    (status = 200, description = "The account.", body = Profile, headers(("ETag" = String, description = "Its version, for `If-Match`."))),
))]
async fn find(State(services): State<Services>, AccountRead(caller): AccountRead) -> Response {
    let profile = services.users.profile(&caller);
    tagged(profile.version, profile)
}

/// Changes what can be changed without a password.
#[utoipa::path(patch, path = "/v1/me", tag = TAG, operation_id = "updateMe", security(("access_token" = []), ("api_key" = ["account:write"])), params(Seen),
    request_body(content((ProfileChange = "application/merge-patch+json"), (ProfileChange = "application/json"))), responses(
    (status = 200, description = "The account as it is now.", body = Profile, headers(("ETag" = String, description = "Its new version."))),
    (status = 412, description = "It was changed since: `changed`."),
    (status = 422, description = "`/name` cannot be accepted."),
    (status = 428, description = "`If-Match` is missing: `precondition_required`."),
))]
async fn update(
    State(services): State<Services>,
    AccountWrite(caller): AccountWrite,
    Seen(version): Seen,
    Json(change): Json<ProfileChange>,
) -> Response {
    answer(services.users.update_profile(&caller, version, change).await.map(|profile| tagged(profile.version, profile)))
}

/// Ends every session now, and the account in seven days, unless its owner signs in before.
#[utoipa::path(delete, path = "/v1/me", tag = TAG, operation_id = "deleteMe", request_body = DeleteAccount, responses(
    (status = 202, description = "When it will be gone.", body = DeletionScheduled),
    (status = 409, description = "Nobody would be left to look after this installation: `last_admin`."),
    (status = 422, description = "`/password` is wrong."),
))]
async fn delete(State(services): State<Services>, Authorized(caller): Authorized, Json(form): Json<DeleteAccount>) -> Response {
    answer(services.users.delete_account(&caller, form).await.map(|scheduled| (StatusCode::ACCEPTED, Json(scheduled))))
}

/// Sets another password, and ends the other sessions.
#[utoipa::path(post, path = "/v1/me/password", tag = TAG, operation_id = "changePassword", request_body = ChangePassword, responses(
    (status = 204, description = "The password is set."),
    (status = 422, description = "`/current_password` is wrong, or `/password` cannot be accepted."),
))]
async fn change_password(State(services): State<Services>, Authorized(caller): Authorized, Json(form): Json<ChangePassword>) -> Response {
    answer(services.users.change_password(&caller, form).await.map(|()| StatusCode::NO_CONTENT))
}

/// Mails a link to a new address, to which the account moves when the link is used.
#[utoipa::path(post, path = "/v1/me/email", tag = TAG, operation_id = "changeEmail", params(IdempotencyKey), request_body = ChangeEmail, responses(
    (status = 202, description = "A mail is on its way."),
    (status = 409, description = "The address has an account: `email_taken`."),
    (status = 422, description = "`/password` is wrong, or `/email` cannot be accepted."),
))]
async fn change_email(
    State(services): State<Services>,
    Authorized(caller): Authorized,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Json(form): Json<ChangeEmail>,
) -> Response {
    let sent = services.users.change_email(&caller, form, idempotency_key).await;
    answer(sent.map(|effect| replayed(effect.is_repeated(), StatusCode::ACCEPTED)))
}

/// Where one is signed in.
#[utoipa::path(get, path = "/v1/me/sessions", tag = TAG, operation_id = "mySessions", params(PageQuery), responses(
    (status = 200, description = "A page, the newest first.", body = SessionPage, headers(("Link" = String, description = "The pages around it (RFC 8288): `next`, `prev`."))),
))]
async fn sessions(State(services): State<Services>, Authorized(caller): Authorized, uri: Uri, Query(query): Query<PageQuery>) -> Response {
    answer(services.sessions.page(&caller, query).await.map(|page: SessionPage| {
        let links = links(&uri, &[("next", page.next.as_deref()), ("prev", page.previous.as_deref())]);
        (links, Json(page))
    }))
}

/// Which sessions to end.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Which {
    /// End the session that asks as well. Without it, only the others end.
    all: bool,
}

/// Ends one's other sessions, or all of them.
#[utoipa::path(delete, path = "/v1/me/sessions", tag = TAG, operation_id = "revokeMySessions", params(Which),
    responses((status = 204, description = "They are over.")))]
async fn revoke_sessions(State(services): State<Services>, Authorized(caller): Authorized, Query(which): Query<Which>) -> Response {
    let ended = if which.all { services.sessions.revoke_all(&caller).await } else { services.sessions.revoke_others(&caller).await };
    answer(ended.map(|()| StatusCode::NO_CONTENT))
}

/// Ends one of one's sessions.
#[utoipa::path(delete, path = "/v1/me/sessions/{id}", tag = TAG, operation_id = "revokeMySession", params(("id" = SessionId, Path, description = "Of the session.")),
    responses((status = 204, description = "It is over."), (status = 404, description = "It is over already, or somebody else's: `session_not_found`.")))]
async fn revoke_session(State(services): State<Services>, Authorized(caller): Authorized, Id(id): Id<SessionId>) -> Response {
    answer(services.sessions.revoke(&caller, id).await.map(|()| StatusCode::NO_CONTENT.into_response()))
}
