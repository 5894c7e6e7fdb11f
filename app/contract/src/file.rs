//! Files: what a person has, what comes in, and who else may open it.

use serde::{Deserialize, Serialize};

use crate::{FieldError, FileId, ShareId, date_time::DateTime, name::is_deceptive};

/// Code points of a file's name.
pub const MAX_NAME_CHARS: usize = 255;

/// Where a file is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// Its bytes are coming in.
    Receiving,
    /// All bytes are here for good; they will be stored in a moment.
    Accepted,
    /// Being stored.
    Storing,
    /// Stored and checked.
    Stored,
    /// Could not be stored; an administrator can try again.
    Failed,
}

/// A file as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct File {
    /// Also the id of its upload.
    pub id: FileId,
    /// As given by whoever uploaded it, made fit to show.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// What its first bytes tell.
    pub media_type: String,
    /// What was claimed, if anything was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claimed_type: Option<String>,
    /// In hexadecimal, once all bytes are here.
    pub sha256: Option<String>,
    /// Where it is or will be in the object store: `uploads/<id>.<extension>`.
    pub file_key: String,
    /// Where it is on its way.
    pub status: FileStatus,
    /// Why it failed, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
    /// Counts changes; `"<version>"` is its entity tag.
    pub version: u64,
    /// When the upload began.
    pub created_at: DateTime,
    /// When all bytes were here for good.
    pub accepted_at: Option<DateTime>,
    /// When it was stored and checked.
    pub stored_at: Option<DateTime>,
    /// When it was put into the trash.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trashed_at: Option<DateTime>,
    /// When it will be gone for good.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub erase_at: Option<DateTime>,
}

/// By what a list of files is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileSort {
    /// Newest first, unless reversed.
    #[default]
    CreatedAt,
    /// By name.
    Name,
    /// Largest first, unless reversed.
    Size,
}

/// Which files, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields, default)]
pub struct FileQuery {
    /// Part of a name; empty for all.
    pub search: String,
    /// The column.
    pub sort: FileSort,
    /// The other way round than the column's natural order.
    pub reverse: bool,
    /// Those in the trash instead of the others.
    pub trashed: bool,
    /// `next` or `previous` of another page.
    pub cursor: Option<String>,
    /// Items a page: 1 to 100, 25 if absent.
    pub limit: Option<u64>,
}

/// One page of files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FilePage {
    /// At most `limit`.
    pub items: Vec<File>,
    /// How many match on all pages.
    pub total: u64,
    /// Cursor of the page after this one.
    pub next: Option<String>,
    /// Cursor of the page before this one.
    pub previous: Option<String>,
}

/// How much of their share a person uses. Unfinished uploads and the trash count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files a person may have.
    pub max_files: u64,
    /// Bytes a person may have.
    pub max_bytes: u64,
    /// Bytes that one file may have.
    pub max_size: u64,
}

/// A change to a file (RFC 7396: what is absent stays, and nothing can be taken away).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "name": "tide tables.pdf" })))]
#[serde(deny_unknown_fields)]
pub struct FileChange {
    /// Another name.
    #[serde(default, deserialize_with = "crate::patch::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub name: Option<String>,
    /// Into the trash, or out of it.
    #[serde(default, deserialize_with = "crate::patch::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub trashed: Option<bool>,
}

/// What `POST /v1/files` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileAccepted {
    /// “File uploaded and event sent”.
    pub message: String,
    /// Where the file will be in the object store.
    pub file_key: String,
    /// The file.
    pub file: File,
}

/// What a link to a file's content is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// To be saved.
    #[default]
    Attachment,
    /// To be shown in a page of ours.
    Inline,
}

/// Asks for a link.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "disposition": "inline" })))]
#[serde(deny_unknown_fields, default)]
pub struct NewFileLink {
    /// What for.
    pub disposition: Disposition,
}

/// A link to one file's content, for what cannot send a token: images, videos, downloads.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileLink {
    /// Path and query on this host.
    pub url: String,
    /// It opens nothing after this, nor once the session is over.
    pub expires_at: DateTime,
}

/// Asks for a link that opens a file without an account. Field errors: `/expires_at`, `/password`, `/max_downloads`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "expires_at": "2030-01-01T00:00:00Z", "password": "low water", "max_downloads": 5 })))]
#[serde(deny_unknown_fields, default)]
pub struct NewShare {
    /// When it ends; never, if absent.
    pub expires_at: Option<DateTime>,
    /// What one must know to open it.
    pub password: Option<String>,
    /// How often the file may be downloaded by it. What counts is asking for the content's own address, which is good for five minutes, however many parts of it
    /// a player then asks for.
    pub max_downloads: Option<u32>,
}

/// A link that opens a file without an account, as the file's owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Share {
    /// Its id, which opens nothing.
    pub id: ShareId,
    /// The link, for as long as it can be told: not once the key that it was made with is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether one must know a password.
    pub has_password: bool,
    /// How often the file may be downloaded by it.
    pub max_downloads: Option<u32>,
    /// How often it was.
    pub downloads: u32,
    /// When it ends.
    pub expires_at: Option<DateTime>,
    /// When its owner ended it.
    pub revoked_at: Option<DateTime>,
    /// When it was made.
    pub created_at: DateTime,
}

/// One page of a file's links.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SharePage {
    /// At most `limit`, the newest first.
    pub items: Vec<Share>,
    /// How many there are on all pages.
    pub total: u64,
    /// Cursor of the page after this one.
    pub next: Option<String>,
    /// Cursor of the page before this one.
    pub previous: Option<String>,
}

/// What whoever opens a shared link sees before the file itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SharedFile {
    /// The file's name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// What its first bytes tell.
    pub media_type: String,
    /// Whether one must know a password.
    pub has_password: bool,
    /// When the link ends.
    pub expires_at: Option<DateTime>,
}

/// Something happened to a file of the reader's: what `GET /v1/files/events` sends.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileEvent {
    /// `file.stored`
    pub r#type: String,
    /// The file as it is now; absent once it is erased.
    pub file: Option<File>,
    /// Which one.
    pub id: FileId,
}

/// A file's name as it is kept: characters that cannot be seen or that reorder what stands around them become U+FFFD, white space around it is
/// dropped, and a file without a name is called `untitled`. Nothing else is taken from it: it is never used as a path.
///
/// # Errors
/// Longer than [`MAX_NAME_CHARS`].
pub fn clean_name(name: &str) -> Result<String, FieldError> {
    let clean: String = name.trim().chars().map(|c| if c.is_control() || is_deceptive(c) { '\u{fffd}' } else { c }).collect();
    if clean.is_empty() {
        return Ok("untitled".to_owned());
    }
    if clean.chars().nth(MAX_NAME_CHARS).is_some() {
        return Err(FieldError::new("name", "too_long", format!("Use {MAX_NAME_CHARS} characters at most.")));
    }
    Ok(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_as_data() {
        for name in ["../../etc/passwd", "CON", "a/b\\c", "Ünïcödé 🗂.txt", "<script>.svg"] {
            assert_eq!(clean_name(name).as_deref(), Ok(name));
        }
        assert_eq!(clean_name("evil\u{202e}fdp.exe").as_deref(), Ok("evil\u{fffd}fdp.exe"));
        assert_eq!(clean_name("a\0b\n").as_deref(), Ok("a\u{fffd}b"));
        assert_eq!(clean_name("  ").as_deref(), Ok("untitled"));
        assert!(clean_name(&"x".repeat(4096)).is_err());
    }
}
