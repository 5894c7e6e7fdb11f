//! `/v1/files`.

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::get,
};
use futures::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use percent_encoding::percent_decode_str;
use portreeve_contract::{
    FileId, Problem,
    file::{File, FileChange, FilePage, FileQuery},
};
use portreeve_gateway::Authorized;
use portreeve_services::{
    Services,
    files::{Change, Error, NewFile},
};
use serde::Deserialize;

use super::extract::{Id, Json, Query, answer, header as text, if_match};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Characters of an idempotency key.
const MAX_KEY: usize = 255;

pub(super) fn router() -> Router<Services> {
    Router::new()
        .route("/v1/files", get(list))
        .route("/v1/files/events", get(events))
        .route("/v1/files/{id}", get(find).patch(update).delete(delete))
}

/// Outside the limit of small bodies.
pub(super) fn streaming() -> Router<Services> {
    Router::new().route("/v1/files", axum::routing::post(create))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    name: String,
}

/// Takes a whole file in.
async fn create(
    State(services): State<Services>,
    Authorized(caller): Authorized,
    Query(named): Query<Named>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let idempotency_key = match headers.get(&IDEMPOTENCY_KEY) {
        None => None,
        Some(_) => match text(&headers, &IDEMPOTENCY_KEY).filter(|key| (1..=MAX_KEY).contains(&key.len())) {
            Some(key) => Some(key.to_owned()),
            None => {
                return answer::<(), _>(Err(Problem::new(
                    portreeve_contract::ErrorKind::Malformed,
                    "malformed_idempotency_key",
                    "Send one Idempotency-Key of 1 to 255 characters.",
                )));
            }
        },
    };
    let name = match text(&headers, &header::CONTENT_DISPOSITION).and_then(file_name) {
        Some(name) if named.name.is_empty() => name,
        _ => named.name,
    };
    let new = NewFile {
        name,
        claimed_type: text(&headers, &header::CONTENT_TYPE).map(str::to_owned),
        length: text(&headers, &header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        idempotency_key,
    };
    let uploaded = services.files.upload_whole(&caller, new, super::body::patient(body)).await;
    answer(uploaded.map(|uploaded| {
        let location = format!("/v1/files/{}", uploaded.accepted.file.id);
        let mut response = (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(uploaded.accepted)).into_response();
        if uploaded.repeated {
            response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }))
}

/// The `filename*` or `filename` of a `Content-Disposition` (RFC 6266 §4.3).
fn file_name(disposition: &str) -> Option<String> {
    let parameters = || disposition.split(';').skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    let extended = parameters().find(|(name, _)| name.trim().eq_ignore_ascii_case("filename*")).and_then(|(_, value)| {
        let (_, encoded) = value.trim().strip_prefix("UTF-8'").or_else(|| value.trim().strip_prefix("utf-8'"))?.split_once('\'')?;
        percent_decode_str(encoded).decode_utf8().ok().map(std::borrow::Cow::into_owned)
    });
    extended.or_else(|| {
        let (_, value) = parameters().find(|(name, _)| name.trim().eq_ignore_ascii_case("filename"))?;
        Some(value.trim().trim_matches('"').replace("\\\"", "\""))
    })
}

async fn list(State(services): State<Services>, Authorized(caller): Authorized, Query(query): Query<FileQuery>) -> Response {
    answer(services.files.list(&caller, query).await.map(|page: FilePage| Json(page)))
}

async fn find(State(services): State<Services>, Authorized(caller): Authorized, Id(id): Id<FileId>) -> Response {
    answer(services.files.find(&caller, id).await.map(tagged))
}

/// Renames a file, or moves it to the trash and back.
async fn update(
    State(services): State<Services>,
    Authorized(caller): Authorized,
    Id(id): Id<FileId>,
    headers: HeaderMap,
    Json(change): Json<FileChange>,
) -> Response {
    match if_match(&headers) {
        Ok(version) => answer(services.files.update(&caller, id, version, change).await.map(tagged)),
        Err(refusal) => refusal.into_response(),
    }
}

/// Into the trash; out of the trash for good.
async fn delete(State(services): State<Services>, Authorized(caller): Authorized, Id(id): Id<FileId>, headers: HeaderMap) -> Response {
    match if_match(&headers) {
        Ok(version) => answer(services.files.delete(&caller, id, version).await.map(|()| StatusCode::NO_CONTENT)),
        Err(refusal) => refusal.into_response(),
    }
}

fn tagged(file: File) -> Response {
    ([(header::ETAG, format!("\"{}\"", file.version))], Json(file)).into_response()
}

/// Server-sent events: what happens to the caller's files. `Last-Event-ID` brings what was missed.
async fn events(State(services): State<Services>, Authorized(caller): Authorized, headers: HeaderMap) -> Response {
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
    // A stream is cut after a while, so that a session that has ended meanwhile is noticed; the reader comes back with a fresh token.
    let bounded = ready.chain(events).take_until(tokio::time::sleep(LONGEST_WATCH));
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
    }
}
