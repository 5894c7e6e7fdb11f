//! Objects: where the bytes of files live, chosen by configuration.

mod error;
mod folder;
pub(crate) mod key;
mod pieces;
mod s3;
mod sweep;

use std::ops::Range;
use std::path::{Path as FsPath, PathBuf};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{ObjectStore, ObjectStoreExt, PutMode};
use portreeve_config::S3;
use uuid::Uuid;

pub use error::Error;
use error::status;

/// Bytes under names. Each object is whole or not there, and once a call that stores one is `Ok`, it survives a power cut.
///
/// Names are keys of Portreeve's own making (`uploads/<uuid>.pdf`); all others are refused with [`Error::Name`], whatever the engine. Clones
/// share connections.
#[derive(Clone, Debug)]
pub struct Objects(Engine);

#[derive(Clone, Debug)]
enum Engine {
    Folder(folder::Folder),
    S3(s3::Bucket),
}

/// An object that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub key: String,
    /// In bytes.
    pub size: u64,
    /// When it was stored, by the clock of whatever stores it.
    pub stored: DateTime<Utc>,
}

impl Objects {
    /// A folder of files, made if it is missing.
    pub fn folder(path: &FsPath) -> Result<Self, Error> {
        folder::Folder::open(path).map(|folder| Self(Engine::Folder(folder)))
    }

    /// A bucket. Connects when there is something to do.
    pub fn s3(config: &S3) -> Result<Self, Error> {
        s3::Bucket::new(config).map(|bucket| Self(Engine::S3(bucket)))
    }

    /// Stores exactly `size` bytes, replacing what is there under `key`. Storing the same again changes nothing.
    ///
    /// Memory is bounded whatever the size. If this fails, or is dropped half-way, what was there before is still there, whole.
    ///
    /// # Errors
    /// [`Error::Input`] when the stream fails, [`Error::Length`] when it has more or fewer bytes than `size`.
    #[tracing::instrument(target = "otel", level = "trace", name = "objects.put", skip_all)]
    pub async fn put<E>(&self, key: &str, size: u64, bytes: impl Stream<Item = Result<Bytes, E>> + Send) -> Result<(), Error>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let path = key::path(key)?;
        let bytes = std::pin::pin!(bytes.map_err(|error| Error::Input(error.into())));
        match &self.0 {
            Engine::Folder(folder) => folder.put(&path, pieces::Pieces::new(&path, size, folder::PIECE, bytes)).await,
            Engine::S3(bucket) => bucket.put(&path, pieces::Pieces::new(&path, size, s3::piece(size), bytes)).await,
        }
    }

    /// Stores a file of this machine without copying it: it gets one more name, which survives a power cut as its bytes have to already. Nobody may write
    /// to it any more.
    ///
    /// `false` where that cannot be done: a bucket, another file system, a file that has not exactly `size` bytes, another object under that key. Then [`Self::put`]
    /// does it, or says what is wrong.
    #[tracing::instrument(target = "otel", level = "trace", name = "objects.link", skip_all)]
    pub async fn link(&self, key: &str, size: u64, file: PathBuf) -> bool {
        match (&self.0, key::path(key)) {
            (Engine::Folder(folder), Ok(path)) => folder.link(&path, size, file).await,
            _ => false,
        }
    }

    /// Stores a few bytes unless there is something under `key` already. Tells whether it did: of many who try at the same time, one does.
    #[tracing::instrument(target = "otel", level = "trace", name = "objects.put_new", skip_all)]
    pub async fn put_new(&self, key: &str, bytes: Bytes) -> Result<bool, Error> {
        let path = key::path(key)?;
        match self.store().put_opts(&path, bytes.into(), PutMode::Create.into()).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(self.error(key, error)),
        }
    }

    /// The bytes of an object, or those of `range` (from 0, end excluded).
    ///
    /// The stream ends with an error if it cannot give all of them: without one, they were all there.
    ///
    /// # Errors
    /// [`Error::NotFound`], and [`Error::Range`] for a range that is not within the object.
    #[tracing::instrument(target = "otel", level = "trace", name = "objects.get", skip_all)]
    pub async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        let path = key::path(key)?;
        if let Some(range) = range.as_ref().filter(|range| range.is_empty()) {
            // Which no request can ask for.
            let inside = range.start == range.end && range.end <= self.head(key).await?;
            return if inside { Ok(futures::stream::empty().boxed()) } else { Err(Error::Range(key.to_owned())) };
        }
        match &self.0 {
            Engine::Folder(folder) => folder.get(&path, range).await,
            Engine::S3(bucket) => bucket.get(&path, range).await,
        }
    }

    /// The size of an object in bytes.
    #[tracing::instrument(target = "otel", level = "trace", name = "objects.head", skip_all)]
    pub async fn head(&self, key: &str) -> Result<u64, Error> {
        let path = key::path(key)?;
        self.store().head(&path).await.map(|found| found.size).map_err(|error| self.error(key, error))
    }

    /// Removes an object for good: it does not come back after a power cut. That it is not there is fine.
    #[tracing::instrument(target = "otel", level = "trace", name = "objects.delete", skip_all)]
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        let path = key::path(key)?;
        let deleted = match &self.0 {
            Engine::Folder(folder) => folder.delete(&path).await,
            Engine::S3(bucket) => bucket.store().delete(&path).await.map_err(|error| self.error(key, error)),
        };
        match deleted {
            Err(Error::NotFound(_)) => Ok(()),
            other => other,
        }
    }

    /// All objects whose keys begin with the parts of `prefix` (`"uploads/"`, or `""` for all), in no order that could be relied on.
    pub fn list(&self, prefix: &str) -> BoxStream<'static, Result<Listed, Error>> {
        let prefix = match key::prefix(prefix) {
            Ok(prefix) => prefix,
            Err(error) => return futures::stream::once(async { Err(error) }).boxed(),
        };
        let this = self.clone();
        let listed = |found: object_store::ObjectMeta| Listed { key: found.location.into(), size: found.size, stored: found.last_modified };
        self.store().list(prefix.as_ref()).map(move |found| found.map(listed).map_err(|error| this.error("such object", error))).boxed()
    }

    /// Removes what is left of [`Self::put`]s that were killed half-way and began before `before`, and tells of how many.
    ///
    /// Whoever calls this leaves the longest upload to the store its time: a day is plenty.
    pub async fn sweep(&self, before: DateTime<Utc>) -> Result<usize, Error> {
        match &self.0 {
            Engine::Folder(folder) => folder.sweep(before).await,
            Engine::S3(bucket) => bucket.sweep(self, before).await,
        }
    }

    /// Writes, reads and removes a few bytes under `probe/<probe>`, so that whatever is wrong is told before somebody's file meets it.
    pub async fn check(&self, probe: Uuid) -> Result<(), Error> {
        let key = format!("probe/{probe}");
        let bytes = Bytes::from(probe.to_string());
        let size = bytes.len() as u64;
        self.put(&key, size, futures::stream::once(async { Ok::<_, Error>(bytes.clone()) })).await?;
        let read: Result<Vec<Bytes>, Error> = async { self.get(&key, None).await?.try_collect().await }.await;
        let removed = self.delete(&key).await;
        if read?.concat() != bytes {
            return Err(Error::Refused { what: self.place(), source: "what was written is not what is read".into() });
        }
        removed
    }

    /// What it is, for people: the folder's path, or the bucket.
    pub fn place(&self) -> String {
        match &self.0 {
            Engine::Folder(folder) => folder.place(),
            Engine::S3(bucket) => bucket.place(),
        }
    }

    fn store(&self) -> &dyn ObjectStore {
        match &self.0 {
            Engine::Folder(folder) => folder.store(),
            Engine::S3(bucket) => bucket.store(),
        }
    }

    fn error(&self, key: &str, error: object_store::Error) -> Error {
        Error::store(&self.place(), key, error)
    }
}
