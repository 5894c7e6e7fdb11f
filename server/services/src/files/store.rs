//! From staging to the object store.

use std::sync::Arc;

use futures::{Stream, StreamExt, TryStreamExt};
use parking_lot::Mutex;
use portreeve_backends::{
    objects,
    staging::Segment,
    stream::{Consumer, Delivery, Failure, Handler},
};
use portreeve_contract::FileId;
use portreeve_database::{
    DbErr, Transaction,
    event::Event,
    file::{self, File},
    segment,
};

use super::{Error, checksum::Checksum, event, key, receive::segment_of, staging_identity, unsigned};
use crate::core::Core;

/// The consumer `store-files`. Doing it twice stores once: the key is the file's, and the row says how far it is.
#[derive(Debug)]
pub struct StoreFiles {
    core: Arc<Core>,
}

impl StoreFiles {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Its name, filter and settings.
    pub fn consumer(&self) -> Consumer {
        self.core.settings.worker.consumer("store-files", &["file.accepted"])
    }

    /// # Errors
    /// Temporary ones but for bytes that are not what was accepted.
    async fn store(&self, file: &File, segments: Vec<Segment>) -> Result<(), Failure> {
        let places = &self.core.places;
        let (key, size) = (key(file), unsigned(file.size));
        let expected = file.sha256.as_deref().unwrap_or_default();

        let linked = match places.staging.file_of(&segments) {
            Some(file) => places.objects.link(&key, size, file).await,
            None => false,
        };
        if !linked {
            let read = Arc::new(Mutex::new(Checksum::default()));
            let put = places.objects.put(&key, size, hashed(places.staging.read(segments), read.clone())).await;
            if let Err(error) = put {
                // A database restored from a backup may not know that a file was stored since, and removed from staging.
                return match self.is_stored(&key, expected).await {
                    Ok(true) => Ok(()),
                    _ => Err(self.failure(&error).await),
                };
            }
            let read = read.lock().clone().finish();
            if read != expected {
                return self.damaged(&key).await;
            }
        }
        match self.is_stored(&key, expected).await {
            Ok(true) => Ok(()),
            Ok(false) if linked => self.damaged(&key).await,
            Ok(false) => Err(Failure::Temporary("what was stored reads differently".to_owned())),
            Err(error) => Err(storage(&error)),
        }
    }

    async fn failure(&self, error: &objects::Error) -> Failure {
        match storage(error) {
            // All of staging may be away, such as a disk that is not mounted.
            Failure::Permanent(why) if !matches!(staging_identity::abandoned(&self.core).await, Ok(None)) => Failure::Temporary(why),
            failure => failure,
        }
    }

    async fn damaged(&self, key: &str) -> Result<(), Failure> {
        self.core.places.objects.delete(key).await.map_err(|error| storage(&error))?;
        Err(Failure::Permanent("what waited in staging is not what was accepted".to_owned()))
    }

    /// This worker may have been taken for dead, and the file erased since: nothing of it is to come back.
    async fn withdraw(&self, stored: &File) {
        let found = file::find(self.core.database.reader(), stored.id).await;
        if found.is_ok_and(|found| found.as_ref().is_none_or(file::is_erasing))
            && let Err(error) = self.core.places.objects.delete(&key(stored)).await
        {
            tracing::error!(id = %stored.id, %error, "an erased file was stored once more, and could not be erased");
        }
    }

    /// Reads an object back.
    async fn is_stored(&self, key: &str, expected: &[u8]) -> Result<bool, objects::Error> {
        let mut stored = self.core.places.objects.get(key, None).await?;
        let mut checksum = Checksum::default();
        while let Some(bytes) = stored.try_next().await? {
            checksum.update(&bytes);
        }
        Ok(checksum.finish() == expected)
    }
}

impl Handler for StoreFiles {
    async fn handle(&self, delivery: &Delivery) -> Result<(), Failure> {
        let id: FileId = delivery.event.subject.parse().map_err(|_| Failure::Permanent("its subject is no file".to_owned()))?;
        let _turn = self.core.intake.give_way().await;
        let core = self.core.clone();
        let begun = self
            .core
            .database
            .write(async move |transaction| {
                let Some(file) = file::begin_storing(&transaction, id).await? else { return Ok(None) };
                core.append(&transaction, event("file.storing", id, file.owner_id)).await?;
                let segments = segment::find_of(&transaction, id).await?;
                Ok::<_, DbErr>(Some((file, segments)))
            })
            .await?;
        let Some((file, segments)) = begun else {
            return Ok(()); // erased meanwhile, or stored by a worker that could not say so any more
        };
        let owner = file.owner_id;
        let segments: Vec<_> = segments.into_iter().map(segment_of).collect();
        self.store(&file, segments.clone()).await?;

        let core = self.core.clone();
        let stored = self
            .core
            .database
            .write({
                let ticket = delivery.ticket();
                async move |transaction| {
                    ticket.complete::<Error>(&transaction).await?;
                    if !file::store(&transaction, id, core.now()).await? {
                        return Ok(false);
                    }
                    segment::delete_of(&transaction, id).await?;
                    core.append(&transaction, event("file.stored", id, owner)).await?;
                    Ok::<_, Error>(true)
                }
            })
            .await;
        if !matches!(stored, Ok(true)) {
            self.withdraw(&file).await;
        }
        if stored.map_err(|error| Failure::Temporary(error.to_string()))? {
            self.core.counters.files_stored.inc();
        } else {
            tracing::warn!(%id, "a file was stored that nobody waits for any more");
        }
        // Whatever is left of this after a crash is swept later.
        if let Err(error) = self.core.places.staging.remove(&segments).await {
            tracing::warn!(%id, %error, "what was stored could not be removed from staging");
        }
        Ok(())
    }

    async fn gave_up(&self, transaction: &Transaction, event_of_file: &Event, failure: &Failure) -> Result<(), DbErr> {
        let Ok(id) = event_of_file.subject.parse::<FileId>() else { return Ok(()) };
        let Some(file) = file::find(transaction, id).await? else { return Ok(()) };
        let reason = match failure {
            Failure::Temporary(_) => {
                "It could not be stored although it was tried many times. Nothing is lost: administrators see it and can send it again."
            }
            Failure::Permanent(_) => "It was damaged on the way and cannot be stored. Upload it again.",
        };
        if file::fail(transaction, id, reason).await? {
            self.core.append(transaction, event("file.failed", id, file.owner_id)).await?;
        }
        Ok(())
    }
}

fn hashed<E>(
    bytes: impl Stream<Item = Result<bytes::Bytes, E>> + Send,
    checksum: Arc<Mutex<Checksum>>,
) -> impl Stream<Item = Result<bytes::Bytes, E>> + Send {
    bytes.map(move |next| next.inspect(|bytes| checksum.lock().update(bytes)))
}

fn storage(error: &objects::Error) -> Failure {
    match error {
        // A segment that is gone or cut is not coming back by itself. Everything else may, once somebody has mended what they changed: permissions, credentials.
        objects::Error::Input(source)
            if source.downcast_ref::<objects::Error>().is_some_and(|it| !it.is_temporary() && !it.is_refusal()) =>
        {
            Failure::Permanent(error.to_string())
        }
        _ => Failure::Temporary(error.to_string()),
    }
}
