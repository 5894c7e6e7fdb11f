//! A file's bytes, on their way out.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use futures::stream::BoxStream;
use portreeve_backends::objects;
use portreeve_contract::{FileId, file::Disposition};
use portreeve_database::file::{self, Status};

use super::{Error, find, hex, key, unsigned};
use crate::{Caller, core::Core};

/// A file that is stored.
#[derive(Clone, Debug)]
pub struct Content {
    /// As its owner named it.
    pub name: String,
    /// By its first bytes.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// In hexadecimal; content never changes, so this is its entity tag.
    pub sha256: String,
    /// When it was stored.
    pub stored_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Whether it is to be saved or shown.
    pub disposition: Disposition,
    key: String,
    core: Arc<Core>,
}

/// Some of the bytes.
pub type Part = BoxStream<'static, Result<Bytes, objects::Error>>;

impl Content {
    /// The bytes of `range`, or all.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn read(&self, range: Option<Range<u64>>) -> Result<Part, Error> {
        Ok(self.core.places.objects.get(&self.key, range).await?)
    }
}

pub(super) async fn of_caller(core: &Arc<Core>, caller: &Caller, id: FileId) -> Result<Content, Error> {
    of(core, find(core, caller, id).await?, Disposition::Attachment)
}

/// # Errors
/// [`Error::NotStored`].
pub(super) fn of(core: &Arc<Core>, file: file::File, disposition: Disposition) -> Result<Content, Error> {
    if file.status != Status::Stored {
        return Err(Error::NotStored);
    }
    Ok(Content {
        key: key(&file),
        name: file.name,
        media_type: file.media_type,
        size: unsigned(file.size),
        sha256: file.sha256.as_deref().map(hex).unwrap_or_default(),
        stored_at: file.stored_at,
        disposition,
        core: core.clone(),
    })
}
