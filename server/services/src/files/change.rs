//! Renaming a file, throwing it away, taking it back.

use std::sync::Arc;

use portreeve_contract::{
    FileId,
    file::{File, FileChange, clean_name},
};
use portreeve_database::file;

use super::{Error, erase, event, find, unsigned, view};
use crate::{Caller, core::Core, core::delta};

pub(super) async fn update(core: &Arc<Core>, caller: &Caller, id: FileId, version: Option<u64>, change: FileChange) -> Result<File, Error> {
    let name = change.name.as_deref().map(clean_name).transpose()?;
    let (shared, user) = (core.clone(), caller.user);
    core.database
        .write(async move |transaction| {
            let old = file::find_for_update(&transaction, user, id).await?.ok_or(Error::NotFound)?;
            unchanged(&old, version)?;
            if file::is_going(&old, shared.now()) {
                return Err(Error::NotFound);
            }
            let mut new = old.clone();
            if let Some(name) = name {
                new.name_key = crate::list::key_of(&name);
                new.name = name;
            }
            let now = shared.now();
            match change.trashed {
                Some(true) if old.trashed_at.is_none() => {
                    new.trashed_at = Some(now);
                    new.erase_at = Some(now + delta(shared.settings.files.trash_lifetime));
                }
                Some(false) => (new.trashed_at, new.erase_at) = (None, None),
                _ => {}
            }
            if new == old {
                return Ok(view(old));
            }
            let told = match (old.trashed_at, new.trashed_at) {
                (None, Some(_)) => "file.trashed",
                (Some(_), None) => "file.restored",
                _ => "file.renamed",
            };
            new.version += 1;
            let new = file::update(&transaction, new).await?;
            shared.append(&transaction, event(told, id, new.owner_id)).await?;
            Ok(view(new))
        })
        .await
}

pub(super) async fn delete(core: &Arc<Core>, caller: &Caller, id: FileId, version: Option<u64>) -> Result<(), Error> {
    let file = find(core, caller, id).await?;
    unchanged(&file, version)?;
    if file.status == file::Status::Receiving {
        return erase::abort(core, caller, id).await;
    }
    if file.trashed_at.is_none() {
        return update(core, caller, id, version, FileChange { trashed: Some(true), name: None }).await.map(drop);
    }
    erase::now(core, caller, id, version).await
}

pub(super) fn unchanged(file: &file::File, version: Option<u64>) -> Result<(), Error> {
    if version.is_some_and(|version| version != unsigned(file.version)) { Err(Error::Changed) } else { Ok(()) }
}
