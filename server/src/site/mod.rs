//! The site: style, script, WASM and the files beside them.
//!
//! A release carries them in the binary (`build/site.rs`); a development build serves the folder that cargo-leptos writes, so that an edit shows
//! without a restart. Which of the two it is shows in one place: whether the table that the build made is empty.

mod disk;
mod embedded;
mod encoding;

use std::collections::HashMap;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

use self::encoding::Encoding;

/// The name cargo-leptos gives to what it builds (`name` in the workspace's metadata).
const NAME: &str = "portreeve";

/// The public addresses of what every page loads, for its `<head>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFiles {
    /// The style sheet.
    pub css: String,
    /// The script that loads the WASM.
    pub js: String,
    /// The WASM module.
    pub wasm: String,
    /// The pieces that are fetched when they are first wanted; none in development.
    pub pieces: Option<Pieces>,
}

/// What `cargo leptos build --split` cuts the WASM into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pieces {
    /// The script that fetches them. The script that loads the WASM imports it.
    pub js: String,
    /// The addresses of the files that each chunk is made of, by the chunk's name.
    pub chunks: HashMap<String, Vec<String>>,
}

/// Where a page finds its style, script and WASM.
///
/// In a release these names carry the hash of what they name. In development they stay the same and the newest file is served by them, so
/// that live reload works.
pub fn files() -> SiteFiles {
    if embedded::TABLE.is_empty() { plain_names() } else { embedded::files() }
}

fn plain_names() -> SiteFiles {
    let name = |extension| format!("/pkg/{NAME}.{extension}");
    SiteFiles { css: name("css"), js: name("js"), wasm: name("wasm"), pieces: None }
}

/// Serves the site's files: everything below `/pkg`, and each file or folder that lies beside it.
///
/// Anything else stays with the router this one is merged into.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let mut folders = vec!["pkg".to_owned()];
    let mut router = Router::new();
    for entry in if embedded::TABLE.is_empty() { disk::top_level() } else { embedded::top_level() } {
        match entry {
            Entry::File(name) => router = router.route(&format!("/{name}"), get(serve)),
            Entry::Folder(name) => folders.push(name),
        }
    }
    folders.sort();
    folders.dedup();
    folders.into_iter().fold(router, |router, folder| router.route(&format!("/{folder}/{{*path}}"), get(serve)))
}

/// What lies directly in the site's folder.
#[derive(Debug, PartialEq, Eq)]
enum Entry {
    File(String),
    Folder(String),
}

/// One file as it will be sent.
struct Found {
    body: Body,
    encoding: Encoding,
    /// Whether another `Accept-Encoding` could get another body.
    varies: bool,
    /// Opaque, the same for every encoding of the same file: sent as a weak ETag.
    version: String,
}

async fn serve(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    let accepted = encoding::accepted(headers.get_all(ACCEPT_ENCODING));
    let found = if embedded::TABLE.is_empty() { disk::find(path).await } else { embedded::find(path, &accepted) };
    match found {
        Some(found) => respond(path, found, &headers),
        None => not_found(),
    }
}

fn respond(path: &str, found: Found, request: &HeaderMap) -> Response {
    let etag = format!("W/\"{}\"", found.version);
    let fresh = is_fresh(request, &etag);
    let mut response = Response::new(if fresh { Body::empty() } else { found.body });
    let headers = response.headers_mut();
    headers
        .insert(CACHE_CONTROL, HeaderValue::from_static(if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" }));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(ETAG, etag);
    }
    if found.varies {
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    if fresh {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(CONTENT_TYPE, media_type(path));
    if let Some(name) = found.encoding.name() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}

/// A page from before an upgrade may ask for a file of then; a cache must not remember that it is gone, for the release may come back.
fn not_found() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether the name carries a hash of the content: `name.<22 characters>.extension`, as cargo-leptos writes it (MD5 in base64url).
fn is_hashed(path: &str) -> bool {
    let mut parts = path.rsplit('/').next().unwrap_or_default().rsplit('.');
    let hash = parts.nth(1).unwrap_or_default();
    (path.starts_with("/pkg/") || path.starts_with("/fonts/"))
        && parts.next().is_some()
        && hash.len() == 22
        && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// RFC 9110 §13.1.2: a list of tags or `*`, compared weakly.
fn is_fresh(request: &HeaderMap, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}

fn media_type(path: &str) -> HeaderValue {
    let media = mime_guess::from_path(path).first_or_octet_stream();
    let text = if media.type_() == "text" { format!("{media}; charset=utf-8") } else { media.to_string() };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_with_a_hash_never_changes() {
        assert!(is_hashed("/pkg/portreeve.1B2M2Y8AsgTpgAmY7PhCfg.js"));
        assert!(is_hashed("/pkg/portreeve.1B2M2Y8-_gTpgAmY7PhCfg.wasm"));
        assert!(is_hashed("/fonts/besley.1B2M2Y8AsgTpgAmY7PhCfg.woff2"));
        for path in [
            "/pkg/portreeve.js",
            "/pkg/1B2M2Y8AsgTpgAmY7PhCfg.js",
            "/favicon.1B2M2Y8AsgTpgAmY7PhCfg.svg",
            "/pkg/",
            "/pkg/snippets/a/inline0.js",
        ] {
            assert!(!is_hashed(path), "{path}");
        }
    }

    #[test]
    fn media_types_are_what_browsers_insist_on() {
        for (path, expected) in [
            ("/pkg/portreeve.wasm", "application/wasm"),
            ("/pkg/portreeve.js", "text/javascript; charset=utf-8"),
            ("/pkg/portreeve.css", "text/css; charset=utf-8"),
            ("/favicon.svg", "image/svg+xml"),
            ("/fonts/besley.woff2", "font/woff2"),
            ("/unheard.of-kind", "application/octet-stream"),
        ] {
            assert_eq!(media_type(path), expected, "{path}");
        }
    }

    #[test]
    fn a_file_is_fresh_when_any_tag_names_its_version() {
        let request = |value: &'static str| HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static(value))]);
        for value in ["*", "W/\"a\"", "\"a\"", "\"b\", W/\"a\""] {
            assert!(is_fresh(&request(value), "W/\"a\""), "{value}");
        }
        assert!(!is_fresh(&request("\"b\""), "W/\"a\""));
        assert!(!is_fresh(&HeaderMap::new(), "W/\"a\""));
    }
}
