//! The bytes of files. Whatever they are, they can never run as this site.

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::TryStreamExt;
use headers::{ETag, HeaderMapExt, IfMatch, IfModifiedSince, IfNoneMatch, IfRange, IfUnmodifiedSince, LastModified, Range};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use portreeve_contract::{
    ErrorKind, FileId, Problem,
    file::{Disposition, FileLink, NewFileLink},
};
use portreeve_gateway::{respond, scopes::FilesRead};
use portreeve_services::{Services, files::Content};

use utoipa_axum::{router::OpenApiRouter, routes};

use super::extract::{Id, IdempotencyKey, Json, answer};

const TAG: &str = "files";

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(of_file))
}

/// What answers in JSON.
pub(super) fn links() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(link))
}

/// What links lead to. No part of the API: a link is to be followed as it is.
pub(super) fn linked() -> Router<Services> {
    Router::new().route("/content/{token}", get(of_link))
}

/// The bytes of a file that is stored. Whole, or one range of them (RFC 9110 §14).
#[utoipa::path(get, path = "/v1/files/{id}/content", tag = TAG, operation_id = "fileContent", security(("access_token" = []), ("api_key" = ["files:read"])), params(
    ("id" = FileId, Path, description = "Of the file."),
    ("Range" = Option<String>, Header, description = "`bytes=…`: one range; several are answered with the whole."),
    ("If-Match" = Option<String>, Header, description = "Entity tags of what one goes on with."),
    ("If-Unmodified-Since" = Option<String>, Header, description = "When one got what one goes on with."),
    ("If-None-Match" = Option<String>, Header, description = "Entity tags of what one has already."),
    ("If-Modified-Since" = Option<String>, Header, description = "When one got what one has already."),
    ("If-Range" = Option<String>, Header, description = "The range only if this is still its entity tag, else the whole."),
), responses(
    (status = 200, description = "The bytes.", body = Vec<u8>, content_type = "*/*", headers(
        ("ETag" = String, description = "The SHA-256 of the bytes: they never change."),
        ("Content-Disposition" = String, description = "`attachment`, with the file's name."),
    )),
    (status = 206, description = "The part that was asked for.", body = Vec<u8>, content_type = "*/*", headers(("Content-Range" = String, description = "Which part it is."))),
    (status = 304, description = "One has it already."),
    (status = 404, description = "There is no such file of one's own: `file_not_found`."),
    (status = 409, description = "It is not stored yet: `file_not_stored`, with `Retry-After`."),
    (status = 412, description = "It is not what one goes on with: `changed`."),
    (status = 416, description = "It has no such part: `range_not_satisfiable`."),
))]
async fn of_file(
    State(services): State<Services>,
    FilesRead(caller): FilesRead,
    Id(id): Id<FileId>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    match services.files.content(&caller, id).await {
        Ok(content) => serve(content, &method, &headers).await,
        Err(error) => answer::<(), _>(Err(error)),
    }
}

/// A link to one file's content for five minutes, for what cannot send a token: images, videos, downloads. Bound to the session or the key that asks.
#[utoipa::path(post, path = "/v1/files/{id}/links", tag = TAG, operation_id = "linkFile", security(("access_token" = []), ("api_key" = ["files:read"])), params(("id" = FileId, Path, description = "Of the file."), IdempotencyKey),
    request_body = NewFileLink, responses(
    (status = 201, description = "The link.", body = FileLink),
    (status = 404, description = "There is no such file of one's own: `file_not_found`."),
    (status = 409, description = "It is not stored yet (`file_not_stored`), or this was done before (`idempotency_done`): a link is told once."),
))]
async fn link(
    State(services): State<Services>,
    FilesRead(caller): FilesRead,
    Id(id): Id<FileId>,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Json(new): Json<NewFileLink>,
) -> Response {
    answer(services.files.link(&caller, id, new, idempotency_key).await.map(|link| (StatusCode::CREATED, Json(link))))
}

async fn of_link(State(services): State<Services>, Path(token): Path<String>, method: Method, headers: HeaderMap) -> Response {
    match services.files.content_of_link(&token).await {
        Ok(content) => serve(content, &method, &headers).await,
        Err(error) => answer::<(), _>(Err(error)),
    }
}

/// RFC 9110: conditions (§13), then one range (§14). Content never changes, so its hash is a strong entity tag.
async fn serve(content: Content, method: &Method, asked: &HeaderMap) -> Response {
    let Ok(etag) = format!("\"{}\"", content.sha256).parse::<ETag>() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let modified = content.stored_at.map(|at| LastModified::from(std::time::SystemTime::from(at)));

    let failed = match (asked.typed_get::<IfMatch>(), asked.typed_get::<IfUnmodifiedSince>(), content.stored_at) {
        (Some(condition), _, _) => !condition.precondition_passes(&etag),
        (None, Some(condition), Some(at)) => !condition.precondition_passes(at.into()),
        _ => false,
    };
    if failed {
        return respond(&Problem::new(
            ErrorKind::PreconditionFailed,
            "changed",
            "The file is not what it was taken for. Look at it again.",
        ));
    }
    let fresh = match (asked.typed_get::<IfNoneMatch>(), asked.typed_get::<IfModifiedSince>(), modified) {
        (Some(condition), _, _) => !condition.precondition_passes(&etag),
        (None, Some(condition), Some(_)) => content.stored_at.is_some_and(|at| !condition.is_modified(at.into())),
        _ => false,
    };
    if fresh {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        describe(response.headers_mut(), &content, etag, modified);
        return response;
    }

    // Of HEAD no part is asked (RFC 9110 §14.2).
    let ranged = *method == Method::GET
        && asked.typed_get::<IfRange>().is_none_or(|condition| !condition.is_modified(Some(&etag), modified.as_ref()));
    let range = if ranged { asked.typed_get::<Range>() } else { None };
    let range = match range.map(|range| only(&range, content.size)) {
        None | Some(Asked::Several) => None,
        Some(Asked::One(range)) => Some(range),
        Some(Asked::Nothing) => {
            let mut response =
                respond(&Problem::new(ErrorKind::RangeNotSatisfiable, "range_not_satisfiable", "The file does not have that part."));
            if let Ok(value) = HeaderValue::try_from(format!("bytes */{}", content.size)) {
                response.headers_mut().insert(header::CONTENT_RANGE, value);
            }
            return response;
        }
    };

    let length = range.as_ref().map_or(content.size, |range| range.end - range.start);
    let body = if *method == Method::HEAD {
        Body::empty()
    } else {
        match content.read(range.clone()).await {
            Ok(part) => Body::from_stream(part.inspect_err(|error| tracing::error!(%error, "a download was cut off"))),
            Err(error) => return answer::<(), _>(Err(error)),
        }
    };
    let mut response = Response::new(body);
    if let Some(range) = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        if let Ok(value) = HeaderValue::try_from(format!("bytes {}-{}/{}", range.start, range.end - 1, content.size)) {
            response.headers_mut().insert(header::CONTENT_RANGE, value);
        }
    }
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    describe(response.headers_mut(), &content, etag, modified);
    response
}

pub(super) enum Asked {
    One(std::ops::Range<u64>),
    /// Which may be answered with the whole.
    Several,
    Nothing,
}

pub(super) fn only(range: &Range, size: u64) -> Asked {
    use std::ops::Bound::{Excluded, Included, Unbounded};
    // Of something that large there is whatever can be read as a range.
    let named = range.satisfiable_ranges(u64::MAX).take(2).count();
    if named == 2 {
        return Asked::Several;
    }
    let first = match range.satisfiable_ranges(size).next() {
        Some(first) => first,
        // The last bytes, and more of them than there are: that is all (RFC 9110 §14.1.2), where the library finds nothing.
        None if named == 1 => (Unbounded, Unbounded),
        None => return Asked::Nothing,
    };
    let start = match first.0 {
        Included(start) => start,
        Excluded(start) => start + 1,
        Unbounded => 0,
    };
    let end = match first.1 {
        Included(end) => end.saturating_add(1),
        Excluded(end) => end,
        Unbounded => size,
    };
    let end = end.min(size);
    if start < end { Asked::One(start..end) } else { Asked::Nothing }
}

fn describe(headers: &mut HeaderMap, content: &Content, etag: ETag, modified: Option<LastModified>) {
    headers.typed_insert(etag);
    if let Some(modified) = modified {
        headers.typed_insert(modified);
    }
    let disposition = match content.disposition {
        Disposition::Attachment => "attachment",
        Disposition::Inline => "inline",
    };
    let values = [
        (header::CONTENT_TYPE, HeaderValue::try_from(media_type(content)).ok()),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(format!("{disposition}; {}", file_name(&content.name))).ok()),
        (header::ACCEPT_RANGES, Some(HeaderValue::from_static("bytes"))),
        (header::CACHE_CONTROL, Some(HeaderValue::from_static("private, no-cache"))),
        (header::CONTENT_SECURITY_POLICY, Some(HeaderValue::from_static("sandbox; frame-ancestors 'self'"))),
        (header::X_FRAME_OPTIONS, Some(HeaderValue::from_static("SAMEORIGIN"))),
        (header::X_CONTENT_TYPE_OPTIONS, Some(HeaderValue::from_static("nosniff"))),
        (HeaderName::from_static("cross-origin-resource-policy"), Some(HeaderValue::from_static("same-origin"))),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
}

/// Text is said to be UTF-8, which is what it was found to be; what could be a page is shown as text.
fn media_type(content: &Content) -> &str {
    match content.media_type.as_str() {
        "application/xml" | "application/xhtml+xml" | "application/json" | "image/svg+xml"
            if content.disposition == Disposition::Inline =>
        {
            "text/plain; charset=utf-8"
        }
        text if text.starts_with("text/") && content.disposition == Disposition::Inline => "text/plain; charset=utf-8",
        "text/plain" => "text/plain; charset=utf-8",
        other => other,
    }
}

/// RFC 8187 §3.2.1.
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// RFC 6266 §4.3: for those who do not know better, and for those who do.
pub(super) fn file_name(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\' | '/') { c } else { '_' }).collect();
    format!("filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(name, NOT_ATTR_CHAR))
}
