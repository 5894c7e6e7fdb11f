//! Files: taken in, stored, shown, shared, thrown away and erased.
//!
//! A file is **receiving** while its bytes come into staging, **accepted** once they are there for good with the event that says so, **storing**
//! while a worker has it, and **stored** when it is in the object store and was read back.

mod accept;
mod change;
mod checksum;
mod content;
mod create;
mod erase;
mod error;
mod intake;
pub(crate) mod link;
mod list;
mod pens;
mod receive;
mod share;
mod sniff;
mod staging_identity;
mod store;
mod sweep;
mod upload_whole;
mod watch;

use std::{sync::Arc, time::Duration};

use futures::Stream;
use portreeve_backends::{objects::Objects, staging::Staging, stream::Consumer};
use portreeve_contract::{
    FileId, ShareId, UserId,
    file::{File, FileChange, FileLink, FilePage, FileQuery, FileStatus, NewFileLink, NewShare, Share, SharePage, SharedFile, Usage},
    page::PageQuery,
};
use portreeve_database::file;

pub use self::{
    content::{Content, Part},
    create::{Begun, NewUpload},
    error::Error,
    receive::{Offset, Pen, Promise},
    staging_identity::{STAGING, StagingError},
    store::StoreFiles,
    upload_whole::{NewFile, Uploaded},
    watch::Change,
};
pub(crate) use self::{intake::Intake, pens::Pens};
use crate::{Caller, Fault, core::Core};

/// What people may upload, and how long what they threw away is kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Bytes of one file.
    pub max_size: u64,
    /// Files of one person.
    pub max_files: u64,
    /// Bytes of one person.
    pub max_bytes: u64,
    /// Unfinished uploads of one person.
    pub max_uploads: u64,
    /// Life of an unfinished upload, from its last byte on.
    pub upload_lifetime: Duration,
    /// Between throwing a file away and its erasure.
    pub trash_lifetime: Duration,
}

/// Where the bytes are.
#[derive(Clone, Debug)]
pub struct Places {
    /// Until they are stored.
    pub staging: Staging,
    /// For good.
    pub objects: Objects,
}

/// Files.
#[derive(Clone, Debug)]
pub struct Files {
    core: Arc<Core>,
}

impl Files {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Bytes that one file may have.
    pub fn max_size(&self) -> u64 {
        self.core.settings.files.max_size
    }

    /// Begins an upload. One of nothing is accepted at once.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::QuotaExceeded`], [`Error::TooManyUploads`], [`Error::Invalid`], [`Error::Idempotency`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.create", skip_all)]
    pub async fn create(&self, caller: &Caller, new: NewUpload) -> Result<Begun, Error> {
        create::create(&self.core, caller, new).await
    }

    /// How far an upload is. Who asks goes on with it: whoever writes on it in this process is asked to stop first, and what came by then counts.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.offset", skip_all)]
    pub async fn offset(&self, caller: &Caller, id: FileId) -> Result<Offset, Error> {
        receive::offset(&self.core, caller, id).await
    }

    /// Takes the pen of an upload, to write what comes at `offset`. Whoever held it before loses it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::WrongOffset`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.receive", skip_all)]
    pub async fn receive(&self, caller: &Caller, id: FileId, offset: u64, promise: Option<Promise>) -> Result<Pen, Error> {
        receive::resume(&self.core, caller, id, offset, promise).await
    }

    /// Ends an upload that is not finished, and forgets what came of it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.abort", skip_all)]
    pub async fn abort(&self, caller: &Caller, id: FileId) -> Result<(), Error> {
        erase::abort(&self.core, caller, id).await
    }

    /// Takes a whole file in. Once this is `Ok`, neither the file nor the event that tells of it can be lost.
    ///
    /// # Errors
    /// Those of [`Self::create`], [`Error::LengthRequired`] for more than a little of unknown length, [`Error::Idempotency`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.upload_whole", skip_all)]
    pub async fn upload_whole<E: std::fmt::Display>(
        &self,
        caller: &Caller,
        new: NewFile,
        body: impl Stream<Item = Result<bytes::Bytes, E>> + Send,
    ) -> Result<Uploaded, Error> {
        upload_whole::upload_whole(&self.core, caller, new, body).await
    }

    /// One page of the caller's files.
    #[tracing::instrument(target = "otel", level = "trace", name = "files.list", skip_all)]
    pub async fn list(&self, caller: &Caller, query: FileQuery) -> Result<FilePage, Error> {
        list::list(&self.core, caller, query).await
    }

    /// One of the caller's files.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.find", skip_all)]
    pub async fn find(&self, caller: &Caller, id: FileId) -> Result<File, Error> {
        find(&self.core, caller, id).await.map(view)
    }

    /// How much of their share the caller uses.
    #[tracing::instrument(target = "otel", level = "trace", name = "files.usage", skip_all)]
    pub async fn usage(&self, caller: &Caller) -> Result<Usage, Error> {
        list::usage(&self.core, caller).await
    }

    /// Renames a file, throws it away or takes it back. With `version`, only if nothing changed since.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Changed`], [`Error::Invalid`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.update", skip_all)]
    pub async fn update(&self, caller: &Caller, id: FileId, version: Option<u64>, change: FileChange) -> Result<File, Error> {
        change::update(&self.core, caller, id, version, change).await
    }

    /// Throws a file away; one that is in the trash already, and an unfinished upload, for good.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Changed`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.delete", skip_all)]
    pub async fn delete(&self, caller: &Caller, id: FileId, version: Option<u64>) -> Result<(), Error> {
        change::delete(&self.core, caller, id, version).await
    }

    /// A file's content.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotStored`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.content", skip_all)]
    pub async fn content(&self, caller: &Caller, id: FileId) -> Result<Content, Error> {
        content::of_caller(&self.core, caller, id).await
    }

    /// A link to one file's content, for five minutes and as long as the session lasts.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotStored`]; [`Error::Idempotency`] if `idempotency_key` was used before.
    #[tracing::instrument(target = "otel", level = "trace", name = "files.link", skip_all)]
    pub async fn link(&self, caller: &Caller, id: FileId, new: NewFileLink, idempotency_key: Option<String>) -> Result<FileLink, Error> {
        link::create(&self.core, caller, id, new, idempotency_key).await
    }

    /// What such a link opens.
    ///
    /// # Errors
    /// [`Error::LinkInvalid`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.content_of_link", skip_all)]
    pub async fn content_of_link(&self, token: &str) -> Result<Content, Error> {
        link::open(&self.core, token).await
    }

    /// Makes a link that opens a file without an account.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`], [`Error::TooManyShares`]; [`Error::Idempotency`] if `idempotency_key` was used before.
    #[tracing::instrument(target = "otel", level = "trace", name = "files.share", skip_all)]
    pub async fn share(&self, caller: &Caller, id: FileId, new: NewShare, idempotency_key: Option<String>) -> Result<Share, Error> {
        share::create(&self.core, caller, id, new, idempotency_key).await
    }

    /// The links that open a file without an account, the newest first: as many as one looks at.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.shares", skip_all)]
    pub async fn shares(&self, caller: &Caller, id: FileId) -> Result<Vec<Share>, Error> {
        share::list(&self.core, caller, id).await
    }

    /// One page of all of them.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Cursor`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.page_of_shares", skip_all)]
    pub async fn page_of_shares(&self, caller: &Caller, id: FileId, query: PageQuery) -> Result<SharePage, Error> {
        share::page(&self.core, caller, id, query).await
    }

    /// Ends such a link.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for a link that has ended.
    #[tracing::instrument(target = "otel", level = "trace", name = "files.revoke_share", skip_all)]
    pub async fn revoke_share(&self, caller: &Caller, id: FileId, share: ShareId) -> Result<(), Error> {
        share::revoke(&self.core, caller, id, share).await
    }

    /// What a shared link is about.
    ///
    /// # Errors
    /// [`Error::LinkInvalid`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.inspect_share", skip_all)]
    pub async fn inspect_share(&self, token: &str) -> Result<SharedFile, Error> {
        share::inspect(&self.core, token).await
    }

    /// Opens a shared link: counts a download and gives a link to the content.
    ///
    /// # Errors
    /// [`Error::LinkInvalid`], [`Error::WrongPassword`], [`Error::Throttled`].
    #[tracing::instrument(target = "otel", level = "trace", name = "files.open_share", skip_all)]
    pub async fn open_share(&self, origin: &crate::Origin, token: &str, password: Option<&str>) -> Result<FileLink, Error> {
        share::open(&self.core, origin, token, password).await
    }

    /// What happens to the caller's files from now on, or from the event at `after` on.
    #[tracing::instrument(target = "otel", level = "trace", name = "files.watch", skip_all)]
    pub async fn watch(&self, caller: &Caller, after: Option<i64>) -> Result<impl Stream<Item = Change> + Send + use<>, Error> {
        watch::watch(&self.core, caller, after).await
    }

    /// The consumer that stores files, and what it does.
    pub fn store_files(&self) -> StoreFiles {
        StoreFiles::new(self.core.clone())
    }

    /// Whether uploads that this process takes in or stores are where all others look for them. `is_alone` says that there are no others.
    ///
    /// # Errors
    /// [`StagingError::Foreign`]: then it must do neither.
    pub async fn check_staging(&self, is_alone: bool) -> Result<(), StagingError> {
        staging_identity::check(&self.core, is_alone).await
    }

    /// If the configured staging is not the one that counts: how many files wait in that one.
    pub async fn abandoned_staging(&self) -> Result<Option<u64>, StagingError> {
        staging_identity::abandoned(&self.core).await
    }

    /// Makes the configured staging the one that counts; gives its place, for people.
    pub async fn adopt_staging(&self) -> Result<String, StagingError> {
        staging_identity::adopt(&self.core).await
    }

    /// What is due by the clock: unfinished uploads that expired, the trash, what nobody needs in staging.
    ///
    /// # Errors
    /// The database's, and those of staging and the object store.
    pub async fn housekeep(&self) -> Result<(), Fault> {
        erase::expire_uploads(&self.core).await?;
        erase::erase_due(&self.core).await?;
        sweep::sweep(&self.core).await
    }
}

/// The consumer's settings but for its name and filter, which are the service's to say.
#[derive(Clone, Debug)]
pub struct WorkerSettings {
    /// Files stored at the same time.
    pub parallelism: usize,
    /// Tries before a dead letter.
    pub tries: u32,
    /// Pause after the first failure.
    pub first_pause: Duration,
    /// Longest pause.
    pub longest_pause: Duration,
    /// How long a silent worker is taken to be at work.
    pub lease: Duration,
}

impl WorkerSettings {
    pub(crate) fn consumer(&self, name: &'static str, types: &'static [&'static str]) -> Consumer {
        Consumer {
            name,
            types,
            parallelism: self.parallelism,
            tries: self.tries,
            first_pause: self.first_pause,
            longest_pause: self.longest_pause,
            lease: self.lease,
        }
    }
}

async fn find(core: &Core, caller: &Caller, id: FileId) -> Result<file::File, Error> {
    file::find_visible(core.database.reader(), caller.user, id).await?.ok_or(Error::NotFound)
}

/// Where a file is or will be in the object store.
fn key(file: &file::File) -> String {
    // Some of earlier releases have a capital, which no key may have.
    format!("uploads/{}.{}", file.id, file.extension.to_ascii_lowercase())
}

/// What everyone may know of a file whose owner they are.
pub(crate) fn view(file: file::File) -> File {
    File {
        file_key: key(&file),
        id: file.id,
        name: file.name,
        size: unsigned(file.size),
        media_type: file.media_type,
        claimed_type: file.claimed_type,
        sha256: file.sha256.map(|hash| hex(&hash)),
        status: match file.status {
            file::Status::Receiving => FileStatus::Receiving,
            file::Status::Accepted => FileStatus::Accepted,
            file::Status::Storing => FileStatus::Storing,
            file::Status::Stored => FileStatus::Stored,
            file::Status::Failed => FileStatus::Failed,
        },
        failure: file.failure,
        version: unsigned(file.version),
        created_at: file.created_at,
        accepted_at: file.accepted_at,
        stored_at: file.stored_at,
        trashed_at: file.trashed_at,
        erase_at: file.erase_at,
    }
}

/// Events of a file name its owner, so that they can be shown to them and to nobody else.
fn event(r#type: &'static str, file: FileId, owner: Option<UserId>) -> crate::events::Event {
    crate::events::Event::file(r#type, file, owner)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Counts of bytes are kept in signed columns and are never negative.
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// And never as large as the sign bit: settings bound them.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
