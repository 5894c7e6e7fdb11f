//! What killed uploads to a bucket leave behind.
//!
//! Parts of an unfinished upload are in no list of objects and are kept, and billed, until somebody gives the upload up by its id. So the id is
//! noted in the bucket before the first part is sent, and a note that stays is an upload that was never finished. Whoever is killed before the note
//! leaves an upload without a part, which nobody is billed for.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::{ObjectStoreExt, path::Path};

use super::s3::Bucket;
use super::{Error, Objects, key};

const NOTES: &str = "unfinished/";

impl Bucket {
    pub(super) async fn remember(&self, path: &Path, id: &str) -> Result<(), Error> {
        let note = note(path, id);
        self.store().put(&note, format!("{path}\n{id}").into()).await.map(drop).map_err(|error| self.writing(&note, error))
    }

    pub(super) async fn forget(&self, path: &Path, id: &str) {
        // A note too many is found by `sweep`, which then finds no upload.
        let _ = self.store().delete(&note(path, id)).await;
    }

    pub(super) async fn sweep(&self, objects: &Objects, before: DateTime<Utc>) -> Result<usize, Error> {
        let notes: Vec<_> = objects.list(NOTES).try_filter(|note| std::future::ready(note.stored < before)).try_collect().await?;
        for note in &notes {
            let written: Vec<_> = match objects.get(&note.key, None).await {
                Ok(written) => written.try_collect().await?,
                // Another node was faster.
                Err(Error::NotFound(_)) => continue,
                Err(error) => return Err(error),
            };
            let written = written.concat();
            let unfinished = std::str::from_utf8(&written).ok().and_then(|text| text.split_once('\n'));
            if let Some((name, id)) = unfinished {
                let path = key::path(name)?;
                match self.multipart().abort_multipart(&path, &id.to_owned()).await.map_err(|error| self.error(&path, error)) {
                    Ok(()) | Err(Error::NotFound(_)) => {}
                    // It would be refused each time, and keep the notes behind it from being read.
                    Err(error) if !error.is_temporary() => tracing::warn!(%error, key = name, "an unfinished upload could not be given up"),
                    Err(error) => return Err(error),
                }
            }
            objects.delete(&note.key).await?;
        }
        Ok(notes.len())
    }
}

/// One for each upload, also for two of the same key at the same time. Nobody needs to find it by its name but who made it.
fn note(path: &Path, id: &str) -> Path {
    let mut hash = DefaultHasher::new();
    id.hash(&mut hash);
    Path::from(format!("{NOTES}{}.{:016x}", path.as_ref().replace('/', "_"), hash.finish()))
}
