//! `/v1/stream` and `/v1/dead-letters`, for administrators.

use axum::{extract::State, http::Uri, response::Response};
use http::StatusCode;
use portreeve_contract::{
    DeadLetterId,
    stream::{DeadLetterDetail, DeadLetterPage, DeadLetterQuery, RedriveAll, Redriven, Replay, StreamInfo},
};
use portreeve_gateway::scopes::{StreamRead, StreamWrite};
use portreeve_services::Services;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Id, IdempotencyKey, Json, Query, answer, replayed},
    paging,
};

const TAG: &str = "stream";

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(info))
        .routes(routes!(replay))
        .routes(routes!(dead_letters))
        .routes(routes!(redrive_all))
        .routes(routes!(dead_letter, drop_dead_letter))
        .routes(routes!(redrive))
}

/// What the stream holds, and how its consumers fare.
#[utoipa::path(get, path = "/v1/stream", tag = TAG, operation_id = "streamInfo", security(("access_token" = []), ("api_key" = ["stream:read"])), responses(
    (status = 200, description = "As it is now.", body = StreamInfo),
    (status = 403, description = "Not an administrator: `forbidden`."),
))]
async fn info(State(services): State<Services>, StreamRead(caller): StreamRead) -> Response {
    answer(services.streams.info(&caller).await.map(Json))
}

/// Lets a consumer read again from a point. Consumers are made to handle an event twice; its effects outside may not be.
#[utoipa::path(post, path = "/v1/stream/replay", tag = TAG, operation_id = "replay", security(("access_token" = []), ("api_key" = ["stream:write"])), params(IdempotencyKey), request_body = Replay, responses(
    (status = 202, description = "It reads again."),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 404, description = "There is no such consumer."),
    (status = 422, description = "`/from` is no point of the stream."),
))]
async fn replay(
    State(services): State<Services>,
    StreamWrite(caller): StreamWrite,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Json(wish): Json<Replay>,
) -> Response {
    let begun = services.streams.replay(&caller, wish, idempotency_key).await;
    answer(begun.map(|effect| replayed(effect.is_repeated(), StatusCode::ACCEPTED)))
}

/// A page of the events that consumers gave up on, the newest first.
#[utoipa::path(get, path = "/v1/dead-letters", tag = TAG, operation_id = "listDeadLetters", security(("access_token" = []), ("api_key" = ["stream:read"])), params(DeadLetterQuery), responses(
    (status = 200, description = "A page.", body = DeadLetterPage, headers(("Link" = String, description = "The page after it (RFC 8288): `next`."))),
    (status = 403, description = "Not an administrator: `forbidden`."),
))]
async fn dead_letters(
    State(services): State<Services>,
    StreamRead(caller): StreamRead,
    uri: Uri,
    Query(query): Query<DeadLetterQuery>,
) -> Response {
    answer(services.streams.dead_letters(&caller, query).await.map(|page: DeadLetterPage| {
        let next = page.next.map(|id| id.to_string());
        (paging::by("before", &uri, &[("next", next.as_deref())]), Json(page))
    }))
}

/// Sends all, or all of one consumer, to their consumers again.
#[utoipa::path(post, path = "/v1/dead-letters/redrive", tag = TAG, operation_id = "redriveAll", security(("access_token" = []), ("api_key" = ["stream:write"])), request_body = RedriveAll, responses(
    (status = 200, description = "How many that were.", body = Redriven),
    (status = 403, description = "Not an administrator: `forbidden`."),
))]
async fn redrive_all(State(services): State<Services>, StreamWrite(caller): StreamWrite, Json(which): Json<RedriveAll>) -> Response {
    answer(services.streams.redrive_all(&caller, which.consumer).await.map(Json))
}

/// A dead letter, with all that is known of it.
#[utoipa::path(get, path = "/v1/dead-letters/{id}", tag = TAG, operation_id = "findDeadLetter", security(("access_token" = []), ("api_key" = ["stream:read"])), params(("id" = DeadLetterId, Path, description = "Of the dead letter.")), responses(
    (status = 200, description = "The event, and why each try failed.", body = DeadLetterDetail),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 404, description = "There is no such dead letter."),
))]
async fn dead_letter(State(services): State<Services>, StreamRead(caller): StreamRead, Id(id): Id<DeadLetterId>) -> Response {
    answer(services.streams.dead_letter(&caller, id).await.map(Json))
}

/// Throws a dead letter away.
#[utoipa::path(delete, path = "/v1/dead-letters/{id}", tag = TAG, operation_id = "dropDeadLetter", security(("access_token" = []), ("api_key" = ["stream:write"])), params(("id" = DeadLetterId, Path, description = "Of the dead letter.")), responses(
    (status = 204, description = "It is gone."),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 404, description = "There is no such dead letter."),
))]
async fn drop_dead_letter(State(services): State<Services>, StreamWrite(caller): StreamWrite, Id(id): Id<DeadLetterId>) -> Response {
    answer(services.streams.drop_dead_letter(&caller, id).await.map(|()| StatusCode::NO_CONTENT))
}

/// Sends a dead letter to its consumer again.
#[utoipa::path(post, path = "/v1/dead-letters/{id}/redrive", tag = TAG, operation_id = "redrive", security(("access_token" = []), ("api_key" = ["stream:write"])), params(("id" = DeadLetterId, Path, description = "Of the dead letter."), IdempotencyKey), responses(
    (status = 202, description = "It is on its way."),
    (status = 403, description = "Not an administrator: `forbidden`."),
    (status = 404, description = "There is no such dead letter."),
))]
async fn redrive(
    State(services): State<Services>,
    StreamWrite(caller): StreamWrite,
    Id(id): Id<DeadLetterId>,
    IdempotencyKey(idempotency_key): IdempotencyKey,
) -> Response {
    let sent = services.streams.redrive(&caller, id, idempotency_key).await;
    answer(sent.map(|effect| replayed(effect.is_repeated(), StatusCode::ACCEPTED)))
}
