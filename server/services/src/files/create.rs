//! Beginning an upload.

use std::sync::Arc;

use portreeve_contract::{
    FileId, UserId,
    file::{File, clean_name},
};
use portreeve_database::{
    Transaction, file,
    upload::{self, Upload},
    usage,
};

use super::{Error, Settings, accept, event, signed, view};
use crate::{Caller, core::Core, core::delta};

/// What will come.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// As given; empty for none.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// The media type that is claimed.
    pub claimed_type: Option<String>,
    /// `Upload-Metadata` as sent, to be sent back.
    pub metadata: String,
}

pub(super) async fn create(core: &Arc<Core>, caller: &Caller, new: NewUpload) -> Result<File, Error> {
    let file = fresh(core, caller.user, &new)?;
    let now = core.now();
    let upload = Upload {
        file_id: file.id,
        owner_id: caller.user,
        received: 0,
        digest: None,
        writer: 0,
        metadata: new.metadata,
        expires_at: now + delta(core.settings.files.upload_lifetime),
    };
    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            let settings = &shared.settings.files;
            reserve(&transaction, settings, &file).await?;
            if upload::count_of(&transaction, upload.owner_id).await? >= settings.max_uploads {
                return Err(Error::TooManyUploads);
            }
            let (id, owner, empty) = (file.id, file.owner_id, file.size == 0);
            let file = file::insert(&transaction, file).await?;
            upload::insert(&transaction, upload).await?;
            if empty {
                return accept::accept(&shared, &transaction, id, accept::nothing()).await.map(view);
            }
            shared.append(&transaction, event("file.receiving", id, owner)).await?;
            Ok(view(file))
        })
        .await
}

/// The row of a file that begins.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::Invalid`].
pub(super) fn fresh(core: &Core, owner: UserId, new: &NewUpload) -> Result<file::File, Error> {
    let limit = core.settings.files.max_size;
    if new.size > limit {
        return Err(Error::TooLarge { limit });
    }
    let name = clean_name(&new.name)?;
    let now = core.now();
    Ok(file::File {
        id: FileId(core.random.uuid(now)),
        owner_id: Some(owner),
        name_key: name.to_lowercase(),
        name,
        size: signed(new.size),
        claimed_type: new.claimed_type.as_deref().map(claimed).filter(|it| !it.is_empty()),
        media_type: "application/octet-stream".to_owned(),
        extension: "bin".to_owned(),
        sha256: None,
        status: file::Status::Receiving,
        failure: None,
        version: 1,
        created_at: now,
        accepted_at: None,
        stored_at: None,
        trashed_at: None,
        erase_at: None,
    })
}

/// Takes room for a file out of its owner's share.
pub(super) async fn reserve(transaction: &Transaction, settings: &Settings, file: &file::File) -> Result<(), Error> {
    let Some(owner) = file.owner_id else { return Ok(()) };
    let limits = (signed(settings.max_files), signed(settings.max_bytes));
    if usage::reserve(transaction, owner, file.size, limits).await? { Ok(()) } else { Err(Error::QuotaExceeded) }
}

/// A claim is kept to be shown, never to be believed.
fn claimed(media_type: &str) -> String {
    media_type.trim().chars().filter(char::is_ascii_graphic).take(127).collect()
}
