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

use super::{Error, Settings, accept, event, find, signed, view};
use crate::{
    Caller, Fault,
    core::{Core, delta},
    idempotency::{self, Claim, Keyed},
};

/// What will come.
#[derive(Clone, Debug, Default)]
pub struct NewUpload {
    /// As given; empty for none.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// The media type that is claimed.
    pub claimed_type: Option<String>,
    /// `Upload-Metadata` as sent, to be sent back.
    pub metadata: String,
    /// `Idempotency-Key`, if there was one.
    pub idempotency_key: Option<String>,
}

/// An upload that is begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// What it will be.
    pub file: File,
    /// Whether an earlier request with the same key began it.
    pub repeated: bool,
}

pub(super) async fn create(core: &Arc<Core>, caller: &Caller, new: NewUpload) -> Result<Begun, Error> {
    let asked = serde_json::json!([new.name, new.size, new.claimed_type, new.metadata]).to_string();
    let keyed = Keyed::new(core, caller, new.idempotency_key.clone(), &[b"upload", asked.as_bytes()]);
    if let Some(begun) = repeated(core, caller, keyed.as_ref()).await? {
        return Ok(begun);
    }
    let twin = keyed.clone();
    match begin(core, caller, new, keyed.map(Key::Answered)).await {
        // A twin of this request was a moment faster.
        Err(Error::Idempotency(error @ idempotency::Error::InFlight)) => {
            repeated(core, caller, twin.as_ref()).await?.ok_or_else(|| error.into())
        }
        begun => Ok(Begun { file: begun?, repeated: false }),
    }
}

async fn repeated(core: &Core, caller: &Caller, keyed: Option<&Keyed>) -> Result<Option<Begun>, Error> {
    let Some(keyed) = keyed else { return Ok(None) };
    let Some(answer) = keyed.answered(core).await? else { return Ok(None) };
    let id: FileId = serde_json::from_value(answer).map_err(Fault::from)?;
    Ok(Some(Begun { file: view(find(core, caller, id).await?), repeated: true }))
}

/// What is written of an `Idempotency-Key` where an upload begins.
pub(super) enum Key {
    /// That it has begun is the answer.
    Answered(Keyed),
    /// The answer comes with its last bytes.
    Held(Claim),
}

pub(super) async fn begin(core: &Arc<Core>, caller: &Caller, new: NewUpload, key: Option<Key>) -> Result<File, Error> {
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
    let begun = core
        .database
        .write(async move |transaction| {
            let settings = &shared.settings.files;
            reserve(&transaction, settings, &file).await?;
            if upload::count_of(&transaction, upload.owner_id).await? >= settings.max_uploads {
                return Err(Error::TooManyUploads);
            }
            let (id, owner, empty) = (file.id, file.owner_id, file.size == 0);
            let file = file::insert(&transaction, file).await?;
            match key {
                Some(Key::Answered(keyed)) => keyed.keep(&shared, &transaction, serde_json::to_value(id).map_err(Fault::from)?).await?,
                Some(Key::Held(claim)) => claim.take(&shared, &transaction).await?,
                None => {}
            }
            upload::insert(&transaction, upload).await?;
            if empty {
                return accept::accept(&shared, &transaction, id, accept::nothing()).await.map(view);
            }
            shared.append(&transaction, event("file.receiving", id, owner)).await?;
            Ok::<_, Error>(view(file))
        })
        .await?;
    if begun.size == 0 {
        core.counters.uploaded(0);
    }
    Ok(begun)
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
        name_key: crate::list::key_of(&name),
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
