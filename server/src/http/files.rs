//! `/v1/files`.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    extract::State,
    http::Uri,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::StreamExt;
use http::{HeaderMap, HeaderName, StatusCode, header};
use percent_encoding::percent_decode_str;
use portreeve_contract::{
    FileId,
    file::{File, FileAccepted, FileChange, FileEvent, FilePage, FileQuery, Usage},
};
use portreeve_gateway::scopes::{FilesRead, FilesWrite};
use portreeve_services::{
    Services,
    files::{Change, Error, NewFile},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    compression::compressed,
    extract::{Id, IdempotencyKey, Json, Query, Seen, answer, if_match, replayed, tagged, text},
    paging::links,
};

const TAG: &str = "files";

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(compressed(routes!(list))).routes(routes!(usage)).routes(routes!(find, update, delete))
}

/// What answers otherwise than in JSON.
pub(super) fn live() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Outside the limit of small bodies.
pub(super) fn streaming() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(create))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Named {
    /// The file's name, where `Content-Disposition` does not tell it.
    name: String,
}

/// Takes a whole file in: the body is the file.
///
/// The answer comes once the bytes and the event that tells of them are safely on disk; a worker stores the file then. For what is large, or comes over a
/// line that breaks, there is `/v1/uploads`.
#[utoipa::path(post, path = "/v1/files", tag = TAG, operation_id = "uploadFile", security(("access_token" = []), ("api_key" = ["files:write"])),
    params(
        Named,
        ("Content-Disposition" = Option<String>, Header, description = "`filename` or `filename*` (RFC 6266) is the file's name."),
        IdempotencyKey,
    ),
    request_body(content = Vec<u8>, content_type = "*/*", description = "The bytes; `Content-Type` is kept as what was claimed."),
    responses(
        (status = 202, description = "It is safe, and will be stored in a moment.", body = FileAccepted, headers(
            ("Location" = String, description = "`/v1/files/{id}`"),
            ("Idempotency-Replayed" = Option<String>, description = "`true` if this is the answer to an earlier request."),
        )),
        (status = 411, description = "`Content-Length` is missing, and the file is not a small one: `length_required`."),
        (status = 413, description = "Larger than a file may be, or than what is left of one's share."),
        (status = 422, description = "The name cannot be accepted."),
        (status = 507, description = "There is no room left."),
    ))]
async fn create(
    State(services): State<Services>,
    FilesWrite(caller): FilesWrite,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Query(named): Query<Named>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let name = text(&headers, &header::CONTENT_DISPOSITION).and_then(file_name).unwrap_or(named.name);
    let new = NewFile {
        name,
        claimed_type: text(&headers, &header::CONTENT_TYPE).map(str::to_owned),
        length: text(&headers, &header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        idempotency_key,
    };
    let uploaded = services.files.upload_whole(&caller, new, super::body::pieces(body)).await;
    answer(uploaded.map(|uploaded| {
        let location = format!("/v1/files/{}", uploaded.accepted.file.id);
        replayed(uploaded.repeated, (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(uploaded.accepted)))
    }))
}

/// The `filename*` or `filename` of a `Content-Disposition` (RFC 6266 §4.3).
fn file_name(disposition: &str) -> Option<String> {
    let parameters = || split_outside_quotes(disposition).skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    let extended = parameters().find(|(name, _)| name.trim().eq_ignore_ascii_case("filename*")).and_then(|(_, value)| {
        let (_, encoded) = value.trim().strip_prefix("UTF-8'").or_else(|| value.trim().strip_prefix("utf-8'"))?.split_once('\'')?;
        percent_decode_str(encoded).decode_utf8().ok().map(std::borrow::Cow::into_owned)
    });
    extended.or_else(|| {
        let (_, value) = parameters().find(|(name, _)| name.trim().eq_ignore_ascii_case("filename"))?;
        Some(unquoted(value.trim()))
    })
}

/// At each `;` that is not part of a quoted string.
fn split_outside_quotes(text: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |letter| {
        let ends = letter == ';' && !is_quoted;
        is_quoted ^= letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && is_quoted && !is_escaped;
        ends
    })
}

/// A token as it is, and a quoted string (RFC 9110 §5.6.4) without its quotes and escapes.
fn unquoted(value: &str) -> String {
    let Some(quoted) = value.strip_prefix('"') else { return value.to_owned() };
    let (mut text, mut letters) = (String::with_capacity(quoted.len()), quoted.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => text.extend(letters.next()),
            letter => text.push(letter),
        }
    }
    text
}

/// One page of one's files.
#[utoipa::path(get, path = "/v1/files", tag = TAG, operation_id = "listFiles", security(("access_token" = []), ("api_key" = ["files:read"])), params(FileQuery), responses(
    (status = 200, description = "A page.", body = FilePage, headers(("Link" = String, description = "The pages around it (RFC 8288): `next`, `prev`."))),
))]
async fn list(State(services): State<Services>, FilesRead(caller): FilesRead, uri: Uri, Query(query): Query<FileQuery>) -> Response {
    answer(services.files.list(&caller, query).await.map(|page: FilePage| {
        let links = links(&uri, &[("next", page.next.as_deref()), ("prev", page.previous.as_deref())]);
        (links, Json(page))
    }))
}

/// How much of one's share is used.
#[utoipa::path(get, path = "/v1/files/usage", tag = TAG, operation_id = "fileUsage", security(("access_token" = []), ("api_key" = ["files:read"])),
    responses((status = 200, description = "As it is now.", body = Usage)))]
async fn usage(State(services): State<Services>, FilesRead(caller): FilesRead) -> Response {
    answer(services.files.usage(&caller).await.map(Json))
}

/// One of one's files.
#[utoipa::path(get, path = "/v1/files/{id}", tag = TAG, operation_id = "findFile", security(("access_token" = []), ("api_key" = ["files:read"])), params(("id" = FileId, Path, description = "Of the file.")), responses(
    (status = 200, description = "The file.", body = File, headers(("ETag" = String, description = "Its version, for `If-Match`."))),
    (status = 404, description = "There is no such file of one's own: `file_not_found`."),
))]
async fn find(State(services): State<Services>, FilesRead(caller): FilesRead, Id(id): Id<FileId>) -> Response {
    answer(services.files.find(&caller, id).await.map(show))
}

/// Renames a file, or moves it to the trash and back.
#[utoipa::path(patch, path = "/v1/files/{id}", tag = TAG, operation_id = "updateFile", security(("access_token" = []), ("api_key" = ["files:write"])), params(("id" = FileId, Path, description = "Of the file."), Seen),
    request_body(content((FileChange = "application/merge-patch+json"), (FileChange = "application/json"))), responses(
    (status = 200, description = "The file as it is now.", body = File, headers(("ETag" = String, description = "Its new version."))),
    (status = 404, description = "There is no such file of one's own: `file_not_found`."),
    (status = 412, description = "It was changed since: `changed`."),
    (status = 422, description = "`/name` cannot be accepted."),
    (status = 428, description = "`If-Match` is missing: `precondition_required`."),
))]
async fn update(
    State(services): State<Services>,
    FilesWrite(caller): FilesWrite,
    Id(id): Id<FileId>,
    Seen(version): Seen,
    Json(change): Json<FileChange>,
) -> Response {
    answer(services.files.update(&caller, id, version, change).await.map(show))
}

/// Into the trash; out of the trash, and an unfinished upload, for good.
#[utoipa::path(delete, path = "/v1/files/{id}", tag = TAG, operation_id = "deleteFile", security(("access_token" = []), ("api_key" = ["files:write"])), params(
    ("id" = FileId, Path, description = "Of the file."),
    ("If-Match" = Option<String>, Header, description = "Only if it is still at this version."),
), responses(
    (status = 204, description = "It is there no longer."),
    (status = 404, description = "There is no such file of one's own: `file_not_found`."),
    (status = 412, description = "It was changed since: `changed`."),
))]
async fn delete(State(services): State<Services>, FilesWrite(caller): FilesWrite, Id(id): Id<FileId>, headers: HeaderMap) -> Response {
    match if_match(&headers) {
        Ok(version) => answer(services.files.delete(&caller, id, version).await.map(|()| StatusCode::NO_CONTENT)),
        Err(refusal) => refusal.into_response(),
    }
}

fn show(file: File) -> Response {
    tagged(file.version, file)
}

/// What happens to one's files, as server-sent events: `ready` once nothing is missed from here on, then a `file.…` for each change, or `reset` if so
/// much was missed that the list has to be read again. Ends after five minutes; `Last-Event-ID` brings what was missed.
#[utoipa::path(get, path = "/v1/files/events", tag = TAG, operation_id = "fileEvents", security(("access_token" = []), ("api_key" = ["files:read"])),
    params(("Last-Event-ID" = Option<i64>, Header, description = "The `id` of the last event that was seen.")),
    responses((status = 200, description = "Events as they happen; `data` is this.", body = FileEvent, content_type = "text/event-stream")))]
async fn events(State(services): State<Services>, FilesRead(caller): FilesRead, headers: HeaderMap) -> Response {
    let after = text(&headers, &LAST_EVENT_ID).and_then(|id| id.parse().ok());
    let changes = match services.files.watch(&caller, after).await {
        Ok(changes) => changes,
        Err(error) => return answer::<(), Error>(Err(error)),
    };
    let events = changes.map(|change| {
        Ok::<_, Infallible>(match change {
            Change::File(position, event) => Event::default()
                .event(event.r#type.clone())
                .id(position.to_string())
                .json_data(&event)
                .unwrap_or_else(|_| Event::default().event("reset").data("{}")),
            Change::Reset => Event::default().event("reset").data("{}"),
        })
    });
    // Said at once, so that the reader knows that nothing is missed from here on.
    let ready = futures::stream::once(async { Ok(Event::default().event("ready").data("{}")) });
    // A stream is cut after a while, and the reader comes back with a fresh token; and when there is none for them any more.
    let over = async move {
        tokio::select! {
            () = services.auth.ended(&caller) => {}
            () = tokio::time::sleep(LONGEST_WATCH) => {}
        }
    };
    let bounded = ready.chain(events).take_until(Box::pin(over));
    Sse::new(bounded).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}

const LONGEST_WATCH: Duration = Duration::from_mins(5);

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_are_read_from_content_disposition() {
        assert_eq!(file_name("attachment; filename=\"a b.txt\"").as_deref(), Some("a b.txt"));
        assert_eq!(file_name("attachment; filename=x.txt; filename*=UTF-8''%e2%82%ac.txt").as_deref(), Some("€.txt"));
        assert_eq!(file_name("attachment; filename*=UTF-8''%ff").as_deref(), None);
        assert_eq!(file_name("inline").as_deref(), None);
        assert_eq!(file_name("attachment; filename=\"minutes; draft.pdf\"; size=1").as_deref(), Some("minutes; draft.pdf"));
        assert_eq!(file_name(r#"attachment; filename="the \"last\"; one\\two""#).as_deref(), Some(r#"the "last"; one\two"#));
        assert_eq!(file_name("attachment; filename=\"never ends; x=\\").as_deref(), Some("never ends; x="));
    }
}
