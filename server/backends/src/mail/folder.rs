//! Mails as files.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use lettre::message::Mailbox;

use super::{Delivered, Error, Mail, message};
use crate::Random;

/// A folder of `.eml` files, named so that they sort by time.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    from: Mailbox,
    random: Random,
}

impl Folder {
    pub(super) fn new(path: PathBuf, from: Mailbox, random: Random) -> Self {
        Self { path, from, random }
    }

    pub(super) async fn send(&self, mail: &Mail, now: DateTime<Utc>) -> Result<Delivered, Error> {
        let message = message::build(&self.from, mail, now)?.formatted();
        let path = self.path.join(format!("{}-{}.eml", now.format("%Y%m%dT%H%M%S%3fZ"), self.random.uuid(now).simple()));
        let target = path.clone();
        let written =
            tokio::task::spawn_blocking(move || write(&target, &message)).await.unwrap_or_else(|error| Err(io::Error::other(error)));
        written.map_err(|source| Error::Folder { path: self.path.clone(), source })?;
        Ok(Delivered::File(path))
    }

    /// A folder that is not there yet is fine if the one above it is.
    pub(super) async fn check(&self) -> Result<(), Error> {
        let existing = self.path.ancestors().find(|path| path.exists()).unwrap_or(Path::new(".")).to_owned();
        let metadata = tokio::fs::metadata(&existing).await.map_err(|source| Error::Folder { path: self.path.clone(), source })?;
        if metadata.is_dir() && !metadata.permissions().readonly() {
            return Ok(());
        }
        Err(Error::Folder { path: self.path.clone(), source: io::ErrorKind::PermissionDenied.into() })
    }
}

/// Whole and on disk, or not there at all; for its owner only, since it holds links that sign in.
fn write(path: &Path, message: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let draft = path.with_extension("tmp");
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(message).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&draft, path))
        .and_then(|()| File::open(folder)?.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}
