//! The requests of tus 1.0.0, each with the access token.

use gloo_net::http::{Method, RequestBuilder, Response};
use leptos::prelude::window;
use portreeve_contract::Problem;
use wasm_bindgen::JsValue;
use web_sys::{Blob, File};

use crate::{error::ApiError, session};

/// Where uploads begin.
const UPLOADS: &str = "/v1/uploads";
/// Seconds that a part should take: often enough for the bar, rarely enough not to slow anything down.
const PART_TAKES: f64 = 1.0;

/// How an upload could not go on.
pub(crate) enum Stop {
    /// The server no longer has it: it was given up, cancelled or finished elsewhere.
    Gone,
    /// It is somewhere else than we thought: ask where.
    Moved,
    /// Network or server are away for now.
    Passing,
    /// It will not be taken.
    Refused(ApiError),
}

/// Begins an upload and gives its address.
pub(crate) async fn create(name: &str, file: &File) -> Result<String, Stop> {
    let metadata = format!("filename {},filetype {}", base64(name), base64(&file.type_()));
    let length = whole(file.size()).to_string();
    let answer = send(Method::POST, UPLOADS, &[("Upload-Length", length), ("Upload-Metadata", metadata)], None).await?;
    answer.headers().get("Location").ok_or(Stop::Passing)
}

/// How many bytes are there.
pub(crate) async fn offset(upload: &str) -> Result<u64, Stop> {
    let answer = send(Method::HEAD, upload, &[], None).await?;
    at(&answer)
}

/// Sends the bytes from `offset` to `end` and gives how many are there then.
pub(crate) async fn part(upload: &str, file: &File, offset: u64, end: u64) -> Result<u64, Stop> {
    #[allow(clippy::cast_precision_loss, reason = "browsers count a file's bytes so")]
    let slice = file.slice_with_f64_and_f64(offset as f64, end as f64).map_err(|_| Stop::Refused(unreadable()))?;
    let headers = [("Upload-Offset", offset.to_string()), ("Content-Type", "application/offset+octet-stream".to_owned())];
    let answer = send(Method::PATCH, upload, &headers, Some(&slice)).await?;
    at(&answer)
}

/// Ends an upload that is not finished.
pub(crate) async fn terminate(upload: &str) -> Result<(), Stop> {
    send(Method::DELETE, upload, &[], None).await.map(drop)
}

/// Whether the file can still be read: it may have been moved or changed since it was chosen.
pub(crate) async fn readable(file: &File) -> bool {
    let Ok(first) = file.slice_with_i32_and_i32(0, 1) else { return false };
    wasm_bindgen_futures::JsFuture::from(first.array_buffer()).await.is_ok()
}

/// What is said of one that cannot.
pub(crate) fn unreadable() -> ApiError {
    Problem::new(
        portreeve_contract::ErrorKind::Invalid,
        "unreadable",
        "Your browser cannot read this file any more. If it was moved or changed, choose it again.",
    )
    .into()
}

/// Bytes of the next part, after one of `bytes` took `seconds`.
pub(crate) fn next_part(bytes: u64, seconds: f64) -> u64 {
    const SMALLEST: u64 = 256 * 1024;
    const LARGEST: u64 = 8 * 1024 * 1024;
    if seconds < PART_TAKES / 2.0 {
        (bytes * 2).min(LARGEST)
    } else if seconds > PART_TAKES * 2.0 {
        (bytes / 2).max(SMALLEST)
    } else {
        bytes.clamp(SMALLEST, LARGEST)
    }
}

/// A size as browsers tell it.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are whole, and below 2⁵³")]
pub(crate) fn whole(size: f64) -> u64 {
    size as u64
}

async fn send(method: Method, url: &str, headers: &[(&str, String)], body: Option<&Blob>) -> Result<Response, Stop> {
    let token = session::token().await.map_err(away)?;
    let answer = attempt(&method, url, headers, body, &token).await?;
    let answer = if answer.status() == 401 {
        let token = session::renew(&token).await.map_err(away)?;
        attempt(&method, url, headers, body, &token).await?
    } else {
        answer
    };
    match answer.status() {
        200..300 => Ok(answer),
        404 | 410 => Err(Stop::Gone),
        409 if method == Method::PATCH => Err(Stop::Moved),
        status => {
            let problem = answer.json::<Problem>().await.map_or_else(|_| ApiError::unreachable(), ApiError);
            Err(if status >= 500 && status != 507 || status == 429 || status == 408 { Stop::Passing } else { Stop::Refused(problem) })
        }
    }
}

async fn attempt(method: &Method, url: &str, headers: &[(&str, String)], body: Option<&Blob>, token: &str) -> Result<Response, Stop> {
    let mut request = RequestBuilder::new(url)
        .method(method.clone())
        .header("Tus-Resumable", "1.0.0")
        .header("Authorization", &format!("Bearer {token}"));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = match body {
        Some(blob) => request.body(JsValue::from(blob.clone())),
        None => request.build(),
    };
    let unreachable = |_| Stop::Passing;
    request.map_err(unreachable)?.send().await.map_err(unreachable)
}

fn away(error: ApiError) -> Stop {
    if error.is_passing() { Stop::Passing } else { Stop::Refused(error) }
}

fn at(answer: &Response) -> Result<u64, Stop> {
    let offset = answer.headers().get("Upload-Offset").and_then(|offset| offset.parse().ok());
    offset.ok_or(Stop::Passing)
}

/// Of the text's UTF-8.
fn base64(text: &str) -> String {
    let binary: String = text.bytes().map(char::from).collect();
    window().btoa(&binary).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_the_line() {
        assert_eq!(next_part(256 * 1024, 0.1), 512 * 1024);
        assert_eq!(next_part(8 * 1024 * 1024, 0.1), 8 * 1024 * 1024);
        assert_eq!(next_part(1024 * 1024, 1.0), 1024 * 1024);
        assert_eq!(next_part(1024 * 1024, 5.0), 512 * 1024);
        assert_eq!(next_part(256 * 1024, 60.0), 256 * 1024);
    }
}
