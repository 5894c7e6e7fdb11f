//! `/v1/files/{id}/shares`, and what shared links open.

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{delete, get, post},
};
use http::StatusCode;
use portreeve_contract::{FileId, ShareId, file::NewShare};
use portreeve_gateway::{Authorized, Origin};
use portreeve_services::Services;
use serde::Deserialize;

use super::extract::{Id, Json, answer, not_found};

pub(super) fn router() -> Router<Services> {
    Router::new()
        .route("/v1/files/{id}/shares", get(list).post(create))
        .route("/v1/files/{id}/shares/{share}", delete(revoke))
        .route("/v1/shared/{token}", get(inspect))
        .route("/v1/shared/{token}/links", post(open))
}

async fn list(State(services): State<Services>, Authorized(caller): Authorized, Id(id): Id<FileId>) -> Response {
    answer(services.files.shares(&caller, id).await.map(Json))
}

async fn create(
    State(services): State<Services>,
    Authorized(caller): Authorized,
    Id(id): Id<FileId>,
    Json(new): Json<NewShare>,
) -> Response {
    answer(services.files.share(&caller, id, new).await.map(|share| (StatusCode::CREATED, Json(share))))
}

async fn revoke(State(services): State<Services>, Authorized(caller): Authorized, Path((id, share)): Path<(String, String)>) -> Response {
    let (Ok(id), Ok(share)) = (id.parse::<FileId>(), share.parse::<ShareId>()) else {
        return answer::<(), _>(Err(not_found()));
    };
    answer(services.files.revoke_share(&caller, id, share).await.map(|()| StatusCode::NO_CONTENT))
}

/// What a shared link is about. Opening it consumes nothing.
async fn inspect(State(services): State<Services>, Path(token): Path<String>) -> Response {
    answer(services.files.inspect_share(&token).await.map(Json))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Opening {
    password: Option<String>,
}

/// A link to the content of a shared file; counts as a download.
async fn open(
    State(services): State<Services>,
    Origin(origin): Origin,
    Path(token): Path<String>,
    Json(opening): Json<Opening>,
) -> Response {
    answer(services.files.open_share(&origin, &token, opening.password.as_deref()).await.map(|link| (StatusCode::CREATED, Json(link))))
}
