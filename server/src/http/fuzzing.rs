//! What `fuzz/` calls: parsers that are nobody else's business. Compiled by cargo-fuzz alone.

use headers::{HeaderMapExt, Range};
use http::HeaderMap;
use portreeve_contract::{Problem, file::FileChange, user::ProfileChange};
use portreeve_services::files::{NewUpload, Promise};

use super::{content, extract, uploads};

/// The version that `If-Match` asks for; the outer `None` if it matches nothing.
pub fn if_match(headers: &HeaderMap) -> Option<Option<u64>> {
    extract::if_match(headers).ok()
}

/// What a merge patch of a profile, or of a file, is told to be wrong with.
///
/// # Errors
/// The problem, with the places of what does not fit.
pub fn merge_patch(json: &[u8], of_file: bool) -> Result<(), Problem> {
    let outcome = if of_file { extract::parse::<FileChange>(json).map(|_| ()) } else { extract::parse::<ProfileChange>(json).map(|_| ()) };
    outcome.map_err(|refusal| refusal.0)
}

/// The upload that a request of tus begins.
pub fn upload(headers: &HeaderMap) -> Option<NewUpload> {
    uploads::new_upload(headers).ok()
}

/// The checksum that a part promises to have; the outer `None` if it cannot be read.
pub fn promise(headers: &HeaderMap) -> Option<Option<Promise>> {
    uploads::promise(headers).ok()
}

/// The one part of so many bytes that `Range` asks for.
pub fn range(headers: &HeaderMap, size: u64) -> Option<std::ops::Range<u64>> {
    match content::only(&headers.typed_get::<Range>()?, size) {
        content::Asked::One(range) => Some(range),
        content::Asked::Several | content::Asked::Nothing => None,
    }
}

/// How `Content-Disposition` names a file.
pub fn file_name(name: &str) -> String {
    content::file_name(name)
}
