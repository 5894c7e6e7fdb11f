//! The end of a file: its bytes first, then its row, so that nothing is left that no row names. But the row of one that is not here whole comes
//! first: its last bytes may be accepted at this moment. What was staged of it and is left is swept.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use portreeve_contract::FileId;
use portreeve_database::{
    Transaction,
    file::{self, File, Status},
    segment, upload, usage,
};

use super::{Error, change::unchanged, event, find, key, receive::segment_of};
use crate::{Caller, Fault, core::Core};

/// At a time; the rest has its turn a minute later.
const AT_ONCE: u64 = 500;

/// Ends an upload that is not finished.
pub(super) async fn abort(core: &Arc<Core>, caller: &Caller, id: FileId) -> Result<(), Error> {
    let file = find(core, caller, id).await?;
    let is_over = give_up(core, file, None).await?;
    if is_over { Ok(()) } else { Err(Error::NotFound) }
}

/// Erases a file of the trash before its time. One that a worker has goes as soon as it is stored.
pub(super) async fn now(core: &Arc<Core>, caller: &Caller, id: FileId, version: Option<u64>) -> Result<(), Error> {
    let (now, shared, user) = (core.now(), core.clone(), caller.user);
    let begun = core.database.write(async move |transaction| {
        let file = file::find_for_update(&transaction, user, id).await?.ok_or(Error::NotFound)?;
        unchanged(&file, version)?;
        if file.trashed_at.is_none() {
            return Err(Error::Changed); // taken back a moment ago
        }
        if !file::is_going(&file, now) {
            file::update(&transaction, File { erase_at: Some(now), ..file }).await?;
        }
        let begun = file::begin_erasing(&transaction, id, now).await?;
        if begun.is_none() {
            shared.append(&transaction, event("file.trashed", id, Some(user))).await?;
        }
        Ok(begun)
    });
    match begun.await? {
        Some(file) => erase(core, file).await,
        None => Ok(()),
    }
}

/// Uploads that nobody finished in time.
pub(super) async fn expire_uploads(core: &Arc<Core>) -> Result<(), Fault> {
    let now = core.now();
    for upload in upload::find_expired(core.database.reader(), now, AT_ONCE).await? {
        if let Some(file) = file::find(core.database.reader(), upload.file_id).await? {
            noted(file.id, give_up(core, file, Some(now)).await.map(drop));
        }
    }
    Ok(())
}

/// Files whose time in the trash is over, or whose owner is gone.
pub(super) async fn erase_due(core: &Arc<Core>) -> Result<(), Fault> {
    let now = core.now();
    for found in file::find_to_erase(core.database.reader(), now, AT_ONCE).await? {
        let id = found.id;
        // Looked at again: those before it may have taken minutes, and its owner may have taken it back.
        let begun = core.database.write(async move |transaction| file::begin_erasing(&transaction, id, now).await).await?;
        if let Some(file) = begun {
            noted(id, erase(core, file).await);
        }
    }
    Ok(())
}

fn noted(id: FileId, erased: Result<(), Error>) {
    if let Err(error) = erased {
        tracing::error!(%id, %error, "a file could not be erased; tried again in a minute");
    }
}

/// The end of an upload that is not finished, or of one that expired by a time. `false` if it was finished meanwhile, or goes on: then it stays.
async fn give_up(core: &Arc<Core>, file: File, expired_by: Option<DateTime<Utc>>) -> Result<bool, Error> {
    let segments: Vec<_> = segment::find_of(core.database.reader(), file.id).await?.into_iter().map(segment_of).collect();
    let shared = core.clone();
    let is_over = core.database.write(async move |transaction| {
        let is_over = match expired_by {
            Some(time) => upload::expire(&transaction, file.id, time).await?,
            None => upload::delete(&transaction, file.id).await?,
        };
        if !is_over {
            return Ok(false);
        }
        forget(&shared, &transaction, &file).await?;
        Ok::<_, Error>(true)
    });
    if !is_over.await? {
        return Ok(false);
    }
    core.places.staging.remove(&segments).await?;
    Ok(true)
}

/// Of one that was begun with.
async fn erase(core: &Arc<Core>, file: File) -> Result<(), Error> {
    let segments: Vec<_> = segment::find_of(core.database.reader(), file.id).await?.into_iter().map(segment_of).collect();
    core.places.staging.remove(&segments).await?;
    // One that was given up may have come as far as that.
    if matches!(file.status, Status::Stored | Status::Failed) {
        core.places.objects.delete(&key(&file)).await?;
    }
    let shared = core.clone();
    core.database.write(async move |transaction| forget(&shared, &transaction, &file).await).await
}

async fn forget(core: &Core, transaction: &Transaction, file: &File) -> Result<(), Error> {
    if !file::delete(transaction, file.id).await? {
        return Ok(());
    }
    if let Some(owner) = file.owner_id {
        usage::free(transaction, owner, file.size).await?;
    }
    core.append(transaction, event("file.erased", file.id, file.owner_id)).await?;
    Ok(())
}
