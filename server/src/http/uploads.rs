//! `/v1/uploads`: tus 1.0.0, with creation, creation-with-upload, expiration, checksum and termination.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use portreeve_contract::{ErrorKind, FileId, Problem};
use portreeve_gateway::{respond, scopes::FilesWrite};
use portreeve_services::{
    Caller, Services,
    files::{Begun, Error, NewUpload, Pen, Promise},
};
use tokio::time::{Instant, timeout};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use super::{
    body::Pieces,
    extract::{Id, IdempotencyKey, answer, replayed, text},
};

const TAG: &str = "uploads";

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
const VERSION: &str = "1.0.0";
const PART: &str = "application/offset+octet-stream";
/// What is on its way when another request asks to go on still counts. Nothing is any more once nothing came for so long,
const QUIET: Duration = Duration::from_millis(50);
/// and of one who sends on and on no more is taken after so long.
const LAST: Duration = Duration::from_secs(1);
/// Bytes of `Upload-Metadata`.
const MAX_METADATA: usize = 8192;

/// Outside the limit of small bodies.
pub(super) fn streaming() -> OpenApiRouter<Services> {
    let of_one = routes!(capabilities_of_one, offset, receive, terminate, overridden);
    OpenApiRouter::new().routes(in_tus(routes!(capabilities, create))).routes(in_tus(of_one))
}

/// Another method is refused for what it is, whatever the client speaks.
fn in_tus((schemas, paths, routes): UtoipaMethodRouter<Services>) -> UtoipaMethodRouter<Services> {
    (schemas, paths, routes.route_layer(middleware::from_fn(speak_tus)))
}

/// Refuses other versions, and names ours in every answer.
async fn speak_tus(request: Request, next: Next) -> Response {
    let spoken = request.headers().get(&TUS_RESUMABLE).is_some_and(|version| version == VERSION);
    let mut response = if spoken || request.method() == Method::OPTIONS {
        next.run(request).await
    } else {
        let problem = Problem::new(ErrorKind::PreconditionFailed, "tus_version", "Send Tus-Resumable: 1.0.0.");
        let mut response = respond(&problem);
        response.headers_mut().insert(TUS_VERSION, HeaderValue::from_static(VERSION));
        response
    };
    response.headers_mut().insert(TUS_RESUMABLE, HeaderValue::from_static(VERSION));
    response
}

/// What this server can do of tus. The one operation that needs no `Tus-Resumable`, and no token.
#[utoipa::path(options, path = "/v1/uploads", tag = TAG, operation_id = "tusCapabilities", security(()), responses(
    (status = 204, description = "In the headers.", headers(
        ("Tus-Version" = String, description = "`1.0.0`"),
        ("Tus-Extension" = String, description = "`creation,creation-with-upload,expiration,checksum,termination`"),
        ("Tus-Max-Size" = u64, description = "Bytes that a file may have."),
        ("Tus-Checksum-Algorithm" = String, description = "`sha1,sha256`"),
    )),
))]
async fn capabilities(State(services): State<Services>) -> Response {
    let headers = [
        (TUS_VERSION, HeaderValue::from_static(VERSION)),
        (TUS_EXTENSION, HeaderValue::from_static("creation,creation-with-upload,expiration,checksum,termination")),
        (TUS_MAX_SIZE, HeaderValue::from(services.files.max_size())),
        (TUS_CHECKSUM_ALGORITHM, HeaderValue::from_static("sha1,sha256")),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// What this server can do of tus.
#[utoipa::path(options, path = "/v1/uploads/{id}", tag = TAG, operation_id = "tusCapabilitiesOfUpload", security(()),
    params(("id" = FileId, Path, description = "Of the upload.")), responses((status = 204, description = "As for `/v1/uploads`.")))]
async fn capabilities_of_one(services: State<Services>) -> Response {
    capabilities(services).await
}

/// Begins an upload, and takes the first part if one comes with it.
#[utoipa::path(post, path = "/v1/uploads", tag = TAG, operation_id = "createUpload", security(("access_token" = []), ("api_key" = ["files:write"])), params(
    ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
    ("Upload-Length" = u64, Header, description = "Bytes of the whole file."),
    ("Upload-Metadata" = Option<String>, Header, description = "`filename` and `filetype`, each with its value in base64."),
    ("Upload-Checksum" = Option<String>, Header, description = "Of the part in this request: `sha256` or `sha1`, and the sum in base64."),
    IdempotencyKey,
), request_body(content = Vec<u8>, content_type = "application/offset+octet-stream", description = "The first part, or nothing."), responses(
    (status = 201, description = "It is begun.", headers(
        ("Location" = String, description = "`/v1/uploads/{id}`; the id is the file's, too."),
        ("Upload-Offset" = u64, description = "Bytes that are here for good."),
        ("Upload-Expires" = Option<String>, description = "When it is given up unless more comes."),
        ("Idempotency-Replayed" = Option<String>, description = "`true` if an earlier request began it: then no part was taken."),
    )),
    (status = 409, description = "One has as many unfinished uploads as are allowed: `too_many_uploads`."),
    (status = 412, description = "Another version of tus: `tus_version`."),
    (status = 413, description = "Larger than a file may be, or than what is left of one's share."),
    (status = 460, description = "The part is not what was sent: `checksum_mismatch`."),
))]
async fn create(
    State(services): State<Services>,
    FilesWrite(caller): FilesWrite,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let new = match new_upload(&headers) {
        Ok(new) => NewUpload { idempotency_key, ..new },
        Err(problem) => return respond(&problem),
    };
    let with_upload = is_part(&headers);
    let promise = match promise(&headers) {
        Ok(promise) => promise,
        Err(problem) => return respond(&problem),
    };
    let Begun { file, repeated } = match services.files.create(&caller, new).await {
        Ok(begun) => begun,
        Err(error) => return answer::<(), _>(Err(error)),
    };
    let mut response = replayed(repeated, (StatusCode::CREATED, [(header::LOCATION, format!("/v1/uploads/{}", file.id))]));
    // A part that comes with a repeated request may be here already: the offset tells where to go on.
    if with_upload && file.size > 0 && !repeated {
        match take(services.clone(), caller.clone(), file.id, 0, promise, body).await {
            Ok(taken) => progress(&mut response, &taken),
            Err(error) => return answer::<(), _>(Err(error)),
        }
    } else if let Ok(offset) = services.files.offset(&caller, file.id).await {
        progress(&mut response, &Taken { offset: offset.received, expires_at: offset.expires_at });
    }
    response
}

/// How much of an upload is here.
///
/// Whoever asks goes on with it: a part that another request still sends, on a line that broke perhaps, ends with what came by then.
#[utoipa::path(head, path = "/v1/uploads/{id}", tag = TAG, operation_id = "uploadOffset", security(("access_token" = []), ("api_key" = ["files:write"])), params(
    ("id" = FileId, Path, description = "Of the upload."),
    ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
), responses(
    (status = 200, description = "In the headers.", headers(
        ("Upload-Offset" = u64, description = "Bytes that are here for good."),
        ("Upload-Length" = u64, description = "Bytes of the whole file."),
        ("Upload-Metadata" = Option<String>, description = "As it was sent."),
        ("Upload-Expires" = Option<String>, description = "When it is given up unless more comes."),
    )),
    (status = 404, description = "There is no such upload of one's own, any more."),
    (status = 412, description = "Another version of tus: `tus_version`."),
))]
async fn offset(State(services): State<Services>, FilesWrite(caller): FilesWrite, Id(id): Id<FileId>) -> Response {
    let offset = match services.files.offset(&caller, id).await {
        Ok(offset) => offset,
        Err(error) => return answer::<(), _>(Err(error)),
    };
    let mut response = (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response();
    let headers = response.headers_mut();
    headers.insert(UPLOAD_LENGTH, HeaderValue::from(offset.size));
    if let Some(metadata) = offset.metadata.filter(|metadata| !metadata.is_empty()).and_then(|it| HeaderValue::try_from(it).ok()) {
        headers.insert(UPLOAD_METADATA, metadata);
    }
    progress(&mut response, &Taken { offset: offset.received, expires_at: offset.expires_at });
    response
}

/// Takes the next part in. What came before the line broke is kept, unless the part has a checksum.
#[utoipa::path(patch, path = "/v1/uploads/{id}", tag = TAG, operation_id = "uploadPart", security(("access_token" = []), ("api_key" = ["files:write"])), params(
    ("id" = FileId, Path, description = "Of the upload."),
    ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
    ("Upload-Offset" = u64, Header, description = "Where the part belongs: at the end of what is here."),
    ("Upload-Checksum" = Option<String>, Header, description = "Of the part: `sha256` or `sha1`, and the sum in base64."),
), request_body(content = Vec<u8>, content_type = "application/offset+octet-stream", description = "The part."), responses(
    (status = 204, description = "It is here. With the last part, all of the file is safe, and will be stored in a moment.", headers(
        ("Upload-Offset" = u64, description = "Bytes that are here for good."),
        ("Upload-Expires" = Option<String>, description = "When it is given up unless more comes."),
    )),
    (status = 404, description = "There is no such upload of one's own, any more."),
    (status = 409, description = "The upload is elsewhere (`wrong_offset`), or another request goes on with it, or asked to (`taken_over`)."),
    (status = 412, description = "Another version of tus: `tus_version`."),
    (status = 413, description = "More than was announced: `upload_too_long`."),
    (status = 415, description = "Not `application/offset+octet-stream`: `unsupported_media_type`."),
    (status = 460, description = "The part is not what was sent: `checksum_mismatch`."),
    (status = 507, description = "There is no room left."),
))]
async fn receive(
    State(services): State<Services>,
    FilesWrite(caller): FilesWrite,
    Id(id): Id<FileId>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !is_part(&headers) {
        return respond(&Problem::new(ErrorKind::UnsupportedMediaType, "unsupported_media_type", format!("Send {PART}.")));
    }
    let Some(offset) = number(&headers, &UPLOAD_OFFSET) else {
        return respond(&Problem::new(ErrorKind::Malformed, "upload_offset", "Send Upload-Offset: how many bytes are here already."));
    };
    let promise = match promise(&headers) {
        Ok(promise) => promise,
        Err(problem) => return respond(&problem),
    };
    match take(services, caller, id, offset, promise, body).await {
        Ok(taken) => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            progress(&mut response, &taken);
            response
        }
        Err(error) => answer::<(), _>(Err(error)),
    }
}

/// Gives an upload up.
#[utoipa::path(delete, path = "/v1/uploads/{id}", tag = TAG, operation_id = "terminateUpload", security(("access_token" = []), ("api_key" = ["files:write"])), params(
    ("id" = FileId, Path, description = "Of the upload."),
    ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
), responses(
    (status = 204, description = "What was here of it is gone."),
    (status = 404, description = "There is no such upload of one's own, any more."),
    (status = 412, description = "Another version of tus: `tus_version`."),
))]
async fn terminate(State(services): State<Services>, FilesWrite(caller): FilesWrite, Id(id): Id<FileId>) -> Response {
    answer(services.files.abort(&caller, id).await.map(|()| StatusCode::NO_CONTENT))
}

/// For clients that cannot send other methods: what `X-HTTP-Method-Override` names (tus 1.0.0).
#[utoipa::path(post, path = "/v1/uploads/{id}", tag = TAG, operation_id = "overriddenUpload", security(("access_token" = []), ("api_key" = ["files:write"])), params(
    ("id" = FileId, Path, description = "Of the upload."),
    ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
    ("X-HTTP-Method-Override" = String, Header, description = "`PATCH`, `DELETE` or `HEAD`."),
), responses(
    (status = 204, description = "As for that method."),
    (status = 404, description = "There is no such upload of one's own, any more."),
    (status = 405, description = "No such method is named: `method_not_allowed`."),
))]
async fn overridden(services: State<Services>, authorized: FilesWrite, id: Id<FileId>, headers: HeaderMap, body: Body) -> Response {
    match text(&headers, &METHOD_OVERRIDE) {
        Some("PATCH") => receive(services, authorized, id, headers, body).await,
        Some("DELETE") => terminate(services, authorized, id).await,
        Some("HEAD") => offset(services, authorized, id).await,
        _ => {
            let problem = Problem::new(ErrorKind::MethodNotAllowed, "method_not_allowed", "Use one of OPTIONS, HEAD, PATCH, DELETE.");
            ([(header::ALLOW, "OPTIONS, HEAD, PATCH, DELETE")], respond(&problem)).into_response()
        }
    }
}

struct Taken {
    offset: u64,
    expires_at: Option<DateTime<Utc>>,
}

/// Takes what comes. In a task of its own: when the client goes away the handler does too, and what came before must be kept all the same.
async fn take(services: Services, caller: Caller, id: FileId, offset: u64, promise: Option<Promise>, body: Body) -> Result<Taken, Error> {
    let promised = promise.is_some();
    let pen = services.files.receive(&caller, id, offset, promise).await?;
    let task = tokio::spawn(async move { write(pen, promised, body).await });
    task.await.unwrap_or(Err(Error::CutOff))
}

async fn write(mut pen: Pen, promised: bool, body: Body) -> Result<Taken, Error> {
    let mut body = super::body::pieces(body);
    let mut asked = None;
    let ended = loop {
        match next(&mut body, &pen, &mut asked).await {
            Ok(Some(bytes)) => pen.write(bytes).await?,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    let taken_over = matches!(ended, Err(Error::TakenOver));
    if promised {
        ended?;
    }
    let expires_at = pen.expires_at();
    let (offset, file) = pen.finish().await?;
    if taken_over && file.is_none() {
        // What is here counts, and is theirs to go on with.
        return Err(Error::TakenOver);
    }
    Ok(Taken { offset, expires_at: file.is_none().then_some(expires_at) })
}

/// What comes next, until the sender is cut off or has to make way for somebody who asked at `asked`.
async fn next(body: &mut Pieces, pen: &Pen, asked: &mut Option<Instant>) -> Result<Option<Bytes>, Error> {
    if asked.is_none() {
        tokio::select! {
            next = body.try_next() => return next.map_err(|_| Error::CutOff),
            () = pen.asked_for() => *asked = Some(Instant::now()),
        }
    }
    if asked.is_some_and(|asked| asked.elapsed() > LAST) {
        return Err(Error::TakenOver);
    }
    timeout(QUIET, body.try_next()).await.map_err(|_| Error::TakenOver)?.map_err(|_| Error::CutOff)
}

fn progress(response: &mut Response, taken: &Taken) {
    let headers = response.headers_mut();
    headers.insert(UPLOAD_OFFSET, HeaderValue::from(taken.offset));
    if let Some(expires_at) = taken.expires_at {
        let date = httpdate::fmt_http_date(expires_at.into());
        if let Ok(date) = HeaderValue::try_from(date) {
            headers.insert(UPLOAD_EXPIRES, date);
        }
    }
}

pub(super) fn new_upload(headers: &HeaderMap) -> Result<NewUpload, Problem> {
    let size = number(headers, &UPLOAD_LENGTH).ok_or_else(|| {
        Problem::new(ErrorKind::Malformed, "upload_length", "Send Upload-Length: how many bytes the file has. It cannot be deferred here.")
    })?;
    let metadata = match headers.get(&UPLOAD_METADATA) {
        None => "",
        Some(value) => value.to_str().ok().filter(|text| text.len() <= MAX_METADATA).ok_or_else(bad_metadata)?,
    };
    let value = |keys: &[&str]| -> Result<Option<String>, Problem> {
        for pair in metadata.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (key, encoded) = pair.split_once(' ').unwrap_or((pair, ""));
            if keys.contains(&key) {
                let bytes = BASE64_STANDARD.decode(encoded.trim()).map_err(|_| bad_metadata())?;
                return String::from_utf8(bytes).map(Some).map_err(|_| bad_metadata());
            }
        }
        Ok(None)
    };
    Ok(NewUpload {
        name: value(&["filename", "name"])?.unwrap_or_default(),
        size,
        claimed_type: value(&["filetype", "type"])?,
        metadata: metadata.to_owned(),
        idempotency_key: None,
    })
}

fn bad_metadata() -> Problem {
    Problem::new(
        ErrorKind::Malformed,
        "upload_metadata",
        "Upload-Metadata cannot be read: keys, each with its value in base64, with commas between.",
    )
}

/// `Upload-Checksum: sha256 <base64>`.
pub(super) fn promise(headers: &HeaderMap) -> Result<Option<Promise>, Problem> {
    if !headers.contains_key(&UPLOAD_CHECKSUM) {
        return Ok(None);
    }
    let wrong = || Problem::new(ErrorKind::Malformed, "upload_checksum", "Upload-Checksum is sha1 or sha256 and the sum in base64.");
    let (algorithm, sum) = text(headers, &UPLOAD_CHECKSUM).and_then(|value| value.split_once(' ')).ok_or_else(wrong)?;
    let sum = BASE64_STANDARD.decode(sum.trim()).map_err(|_| wrong())?;
    match (algorithm, sum.len()) {
        ("sha1", 20) => Ok(Some(Promise::Sha1(sum))),
        ("sha256", 32) => Ok(Some(Promise::Sha256(sum))),
        _ => Err(wrong()),
    }
}

fn is_part(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value == PART)
}

/// Digits, and nothing else.
fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    text(headers, name).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}
