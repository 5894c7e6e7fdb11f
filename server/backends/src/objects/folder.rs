//! Objects as files.
//!
//! What [`LocalFileSystem`] does, read in its source (0.14.2): it writes a draft beside the file (`name#1`), syncs it, renames it and syncs the
//! directory, and those above that it had to make, if told `with_fsync`. A killed process leaves the draft.

use std::fs;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::Stream;
use futures::future::join;
use futures::stream::BoxStream;
use object_store::{GetOptions, GetResultPayload, MultipartUpload, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path};

use super::Error;
use super::pieces::Pieces;
use crate::files::{self, Syncs};

/// How much is written at once, and read meanwhile.
pub(super) const PIECE: usize = 1 << 20;

#[derive(Clone, Debug)]
pub(super) struct Folder {
    store: Arc<LocalFileSystem>,
    path: PathBuf,
    syncs: Syncs,
}

impl Folder {
    pub(super) fn open(path: &FsPath) -> Result<Self, Error> {
        let what = path.display().to_string();
        files::make_folder(path).map_err(|error| Error::writing(&what, error))?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(|error| Error::store(&what, "folder", error))?;
        Ok(Self { store: Arc::new(store.with_fsync(true)), path: path.to_owned(), syncs: Syncs::below(path) })
    }

    pub(super) fn store(&self) -> &dyn ObjectStore {
        &*self.store
    }

    pub(super) fn place(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) async fn put<S>(&self, path: &Path, mut pieces: Pieces<'_, S>) -> Result<(), Error>
    where
        S: Stream<Item = Result<Bytes, Error>>,
    {
        if pieces.is_single() {
            let payload = pieces.whole().await?;
            return self.store.put(path, payload).await.map(drop).map_err(|error| self.error(path, error));
        }
        let mut upload = self.store.put_multipart(path).await.map_err(|error| self.error(path, error))?;
        let written = self.write(path, &mut *upload, &mut pieces).await;
        if written.is_err() {
            // If it cannot be removed now, `sweep` does it.
            let _ = upload.abort().await;
        }
        written
    }

    pub(super) async fn link(&self, path: &Path, size: u64, file: PathBuf) -> bool {
        let object = self.path.join(path.as_ref());
        let folder = object.parent().map(FsPath::to_owned);
        let linked = tokio::task::spawn_blocking(move || link(&file, size, &object)).await.map_err(io::Error::other);
        let synced = match linked.and_then(|linked| linked) {
            Ok(true) => self.syncs.sync(None, folder).await.map(|()| true),
            other => other,
        };
        synced.unwrap_or_else(|error| {
            tracing::debug!(%path, %error, "a file is copied that could not get another name");
            false
        })
    }

    async fn write<S>(&self, path: &Path, upload: &mut dyn MultipartUpload, pieces: &mut Pieces<'_, S>) -> Result<(), Error>
    where
        S: Stream<Item = Result<Bytes, Error>>,
    {
        let mut piece = pieces.next().await?;
        while let Some(payload) = piece {
            let (written, next) = join(upload.put_part(payload), pieces.next()).await;
            written.map_err(|error| self.error(path, error))?;
            piece = next?;
        }
        upload.complete().await.map(drop).map_err(|error| self.error(path, error))
    }

    pub(super) async fn get(&self, path: &Path, range: Option<Range<u64>>) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        let found = self.store.get_opts(path, GetOptions::default()).await.map_err(|error| self.error(path, error))?;
        let (size, name) = (found.meta.size, path.to_string());
        let range = range.unwrap_or(0..size);
        if range.end > size {
            return Err(Error::Range(name));
        }
        match found.payload {
            // Its own stream reads 8 KiB at a time, each on its way through another thread.
            GetResultPayload::File(file, _) => Ok(Box::pin(files::read(name, file, range))),
            GetResultPayload::Stream(_) => Err(Error::Refused { what: self.place(), source: "no file".into() }),
        }
    }

    pub(super) async fn delete(&self, path: &Path) -> Result<(), Error> {
        match self.store.delete(path).await.map_err(|error| self.error(path, error)) {
            // Perhaps by somebody who was killed before the next step.
            Ok(()) | Err(Error::NotFound(_)) => {}
            other => return other,
        }
        // `with_fsync` is for what is stored. What somebody had erased must stay so as well.
        let folder = self.path.join(path.as_ref()).parent().filter(|folder| folder.is_dir()).map(FsPath::to_owned);
        self.syncs.sync(None, folder).await.map_err(|error| Error::writing(&self.place(), error))
    }

    pub(super) async fn sweep(&self, before: DateTime<Utc>) -> Result<usize, Error> {
        let path = self.path.clone();
        let swept = tokio::task::spawn_blocking(move || sweep(&path, before)).await;
        swept.map_err(io::Error::other).and_then(|swept| swept).map_err(|error| Error::writing(&self.place(), error))
    }

    fn error(&self, path: &Path, error: object_store::Error) -> Error {
        Error::store(&self.place(), path.as_ref(), error)
    }
}

fn link(file: &FsPath, size: u64, object: &FsPath) -> io::Result<bool> {
    let folder = object.parent().unwrap_or(FsPath::new("/"));
    let found = fs::symlink_metadata(file)?;
    if !found.is_file() || found.len() != size {
        return Ok(false);
    }
    files::make_folder(folder)?;
    match fs::hard_link(file, object) {
        // By an earlier try that was killed before the next step.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let there = fs::symlink_metadata(object)?;
            Ok((there.dev(), there.ino()) == (found.dev(), found.ino()))
        }
        linked => linked.map(|()| true),
    }
}

fn sweep(folder: &FsPath, before: DateTime<Utc>) -> io::Result<usize> {
    let mut swept = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            swept += sweep(&entry.path(), before)?;
        } else if is_draft(&entry.file_name().to_string_lossy()) {
            let changed = entry.metadata().and_then(|metadata| metadata.modified());
            let old = changed.is_ok_and(|changed| {
                changed < UNIX_EPOCH + before.signed_duration_since(DateTime::UNIX_EPOCH).to_std().unwrap_or_default()
            });
            if old && fs::remove_file(entry.path()).is_ok() {
                swept += 1;
            }
        }
    }
    Ok(swept)
}

/// `name#1`: no key of ours has a `#`.
fn is_draft(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
