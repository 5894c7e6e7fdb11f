//! `/v1/files/{id}/shares`, and what shared links open.

use axum::{
    extract::{Path, State},
    http::Uri,
    response::Response,
};
use http::StatusCode;
use portreeve_contract::{
    FileId, ShareId,
    file::{FileLink, NewShare, Share, SharePage, SharedFile},
    page::PageQuery,
};
use portreeve_gateway::{
    Origin,
    scopes::{FilesRead, FilesWrite},
};
use portreeve_services::Services;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Id, IdempotencyKey, Json, Query, answer, not_found},
    paging::links,
};

const TAG: &str = "shares";

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke)).routes(routes!(inspect)).routes(routes!(open))
}

/// The links that open a file without an account, ended ones included.
#[utoipa::path(get, path = "/v1/files/{id}/shares", tag = TAG, operation_id = "listShares", security(("access_token" = []), ("api_key" = ["files:read"])), params(("id" = FileId, Path, description = "Of the file."), PageQuery), responses(
    (status = 200, description = "A page, the newest first.", body = SharePage, headers(("Link" = String, description = "The pages around it (RFC 8288): `next`, `prev`."))),
    (status = 404, description = "There is no such file of one's own: `file_not_found`."),
))]
async fn list(
    State(services): State<Services>,
    FilesRead(caller): FilesRead,
    Id(id): Id<FileId>,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Response {
    answer(services.files.page_of_shares(&caller, id, query).await.map(|page: SharePage| {
        let links = links(&uri, &[("next", page.next.as_deref()), ("prev", page.previous.as_deref())]);
        (links, Json(page))
    }))
}

/// Makes a link that opens a file without an account.
#[utoipa::path(post, path = "/v1/files/{id}/shares", tag = TAG, operation_id = "shareFile", security(("access_token" = []), ("api_key" = ["files:write"])), params(("id" = FileId, Path, description = "Of the file."), IdempotencyKey),
    request_body = NewShare, responses(
    (status = 201, description = "The link.", body = Share),
    (status = 404, description = "There is no such file of one's own: `file_not_found`."),
    (status = 409, description = "It has as many links as a file may have (`too_many_shares`), or this was done before (`idempotency_done`): the link is in the list."),
    (status = 422, description = "`/expires_at`, `/password` or `/max_downloads` cannot be accepted."),
))]
async fn create(
    State(services): State<Services>,
    FilesWrite(caller): FilesWrite,
    Id(id): Id<FileId>,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Json(new): Json<NewShare>,
) -> Response {
    answer(services.files.share(&caller, id, new, idempotency_key).await.map(|share| (StatusCode::CREATED, Json(share))))
}

/// Ends such a link.
#[utoipa::path(delete, path = "/v1/files/{id}/shares/{share}", tag = TAG, operation_id = "revokeShare", security(("access_token" = []), ("api_key" = ["files:write"])), params(
    ("id" = FileId, Path, description = "Of the file."),
    ("share" = ShareId, Path, description = "Of the link."),
), responses(
    (status = 204, description = "It opens nothing any more."),
    (status = 404, description = "There is no such link, or it was ended before."),
))]
async fn revoke(State(services): State<Services>, FilesWrite(caller): FilesWrite, Path((id, share)): Path<(String, String)>) -> Response {
    let (Ok(id), Ok(share)) = (id.parse::<FileId>(), share.parse::<ShareId>()) else {
        return answer::<(), _>(Err(not_found()));
    };
    answer(services.files.revoke_share(&caller, id, share).await.map(|()| StatusCode::NO_CONTENT))
}

/// What a shared link is about. Consumes nothing.
#[utoipa::path(get, path = "/v1/shared/{token}", tag = TAG, operation_id = "inspectShare", security(()), params(("token" = String, Path, description = "The last part of the link.")), responses(
    (status = 200, description = "The file, and what it takes to open it.", body = SharedFile),
    (status = 404, description = "It opens nothing, or not any more."),
))]
async fn inspect(State(services): State<Services>, Path(token): Path<String>) -> Response {
    answer(services.files.inspect_share(&token).await.map(Json))
}

/// Opens a shared link.
#[derive(Default, Deserialize, ToSchema)]
#[schema(example = json!({ "password": "low water" }))]
#[serde(deny_unknown_fields, default)]
struct Opening {
    /// Where the link has one.
    password: Option<String>,
}

/// A link to the content of a shared file for five minutes. Counts as a download.
#[utoipa::path(post, path = "/v1/shared/{token}/links", tag = TAG, operation_id = "openShare", security(()), params(("token" = String, Path, description = "The last part of the link.")),
    request_body = Opening, responses(
    (status = 201, description = "The link.", body = FileLink),
    (status = 404, description = "It opens nothing, or not any more."),
    (status = 403, description = "`/password` is missing or wrong: `wrong_password`."),
))]
async fn open(
    State(services): State<Services>,
    Origin(origin): Origin,
    Path(token): Path<String>,
    Json(opening): Json<Opening>,
) -> Response {
    answer(services.files.open_share(&origin, &token, opening.password.as_deref()).await.map(|link| (StatusCode::CREATED, Json(link))))
}
