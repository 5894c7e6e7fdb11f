//! Staging: where the bytes of an upload wait until a worker has stored them.
//!
//! An upload is a list of segments. Each is written by one writer under a name of its own, so two writers of one upload can never overwrite each
//! other. Which segments count is written in the database, not here: what no row names is garbage, to be found with [`Staging::list`].

mod chunks;
mod folder;
pub(crate) mod name;

use std::path::PathBuf;

use bytes::Bytes;
use futures::Stream;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use portreeve_contract::FileId;
use uuid::Uuid;

use crate::objects::Objects;

pub use crate::objects::Error;
pub use name::Staged;

/// A large upload to a bucket has hundreds of segments, and each takes a request of its own.
const REMOVED_AT_ONCE: usize = 16;

/// A run of bytes that one writer made durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where in the file it begins.
    pub start: u64,
    /// In bytes. What is written behind them does not count yet.
    pub length: u64,
    /// Under which it is found: file, start and writer, so no other has it.
    pub name: String,
}

/// The place. Clones share it.
#[derive(Clone, Debug)]
pub struct Staging(Engine);

#[derive(Clone, Debug)]
enum Engine {
    Folder(folder::Folder),
    Chunks(chunks::Chunks),
}

/// Writes one run of bytes. Dropping it loses what was not synced, and nothing else.
#[derive(Debug)]
pub struct Writer(Pen);

#[derive(Debug)]
enum Pen {
    Folder(folder::Writer),
    Chunks(chunks::Writer),
}

impl Staging {
    /// A folder, made if it is missing. Every process that takes or stores parts of the same uploads must see the same one.
    pub fn folder(path: PathBuf) -> Result<Self, Error> {
        folder::Folder::open(path).map(|folder| Self(Engine::Folder(folder)))
    }

    /// Objects whose keys begin with `prefix`, such as `"staging/"`: any node takes the next part of an upload, any worker stores it.
    pub fn objects(objects: Objects, prefix: &str) -> Self {
        Self(Engine::Chunks(chunks::Chunks::new(objects, prefix)))
    }

    /// A writer of the bytes from `start` on. `writer` is a fresh UUID v7: it names what is written, and tells [`Self::list`] since when.
    ///
    /// # Errors
    /// [`Error::Name`] when `writer` has no time in it. Nothing is touched before the first write.
    #[expect(clippy::unused_async, reason = "an engine that must ask somebody first has the same signature")]
    pub async fn begin(&self, file: FileId, start: u64, writer: Uuid) -> Result<Writer, Error> {
        if writer.get_version_num() != 7 {
            return Err(Error::Name(writer.to_string()));
        }
        Ok(Writer(match &self.0 {
            Engine::Folder(folder) => Pen::Folder(folder.begin(file, start, writer)),
            Engine::Chunks(chunks) => Pen::Chunks(chunks.begin(file, start, writer)),
        }))
    }

    /// The bytes of the segments, one after the other. Without an error at the end, they were all there and followed on each other.
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Error::Length`] for a segment that is not there, or not whole; [`Error::Range`] for one that does not begin where
    /// the one before it ended.
    pub fn read(&self, segments: Vec<Segment>) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<> {
        let this = self.clone();
        let mut next = segments.first().map_or(0, |first| first.start);
        let in_order = segments.into_iter().map(move |segment| {
            let follows = segment.start == next;
            next = segment.start.saturating_add(segment.length);
            if follows { Ok(segment) } else { Err(Error::Range(segment.name)) }
        });
        let opened = futures::stream::iter(in_order).and_then(move |segment| {
            let this = this.clone();
            async move { this.open(segment).await }
        });
        opened.try_flatten()
    }

    async fn open(&self, segment: Segment) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        name::parse(&segment.name)?;
        match &self.0 {
            Engine::Folder(folder) => Ok(folder.read(segment).await?.boxed()),
            Engine::Chunks(chunks) => chunks.read(segment).await,
        }
    }

    /// The file that begins with the segments' bytes, where they are in one: whoever wants them under another name need not copy them. It is longer than
    /// they are if something was written that does not count.
    pub fn file_of(&self, segments: &[Segment]) -> Option<PathBuf> {
        match (&self.0, segments) {
            (Engine::Folder(folder), [Segment { start: 0, name, .. }]) if name::parse(name).is_ok() => Some(folder.file(name)),
            _ => None,
        }
    }

    /// Removes segments that are stored or given up. Those that are not there any more are fine.
    pub async fn remove(&self, segments: &[Segment]) -> Result<(), Error> {
        let names = futures::stream::iter(segments.iter().map(|segment| Ok(&segment.name)));
        names.try_for_each_concurrent(REMOVED_AT_ONCE, |name| self.remove_named(name)).await
    }

    /// All that is here, whether the database knows of it or not.
    pub async fn list(&self) -> Result<Vec<Staged>, Error> {
        match &self.0 {
            Engine::Folder(folder) => folder.list().await,
            Engine::Chunks(chunks) => chunks.list().await,
        }
    }

    /// Removes what is under a name. That nothing is there any more is fine.
    pub async fn remove_named(&self, name: &str) -> Result<(), Error> {
        name::parse(name)?;
        match &self.0 {
            Engine::Folder(folder) => folder.remove(name).await,
            Engine::Chunks(chunks) => chunks.remove(name).await,
        }
    }

    /// Writes, reads and removes a few bytes, so that whatever is wrong is told before somebody's upload meets it. `probe` is a fresh UUID v7.
    pub async fn check(&self, probe: Uuid) -> Result<(), Error> {
        let bytes = Bytes::from(probe.to_string());
        let mut writer = self.begin(FileId(probe), 0, probe).await?;
        writer.write(bytes.clone()).await?;
        let segments = writer.sync().await?;
        let read: Result<Vec<Bytes>, Error> = self.read(segments.clone()).try_collect().await;
        let removed = self.remove(&segments).await;
        if read?.concat() != bytes {
            return Err(Error::Refused { what: self.place(), source: "what was written is not what is read".into() });
        }
        removed
    }

    /// What it is, for people: the folder's path, or the bucket.
    pub fn place(&self) -> String {
        match &self.0 {
            Engine::Folder(folder) => folder.place(),
            Engine::Chunks(chunks) => chunks.place(),
        }
    }

    /// What [`Self::identity`] said first, if anybody asked before.
    pub async fn known_identity(&self) -> Result<Option<Uuid>, Error> {
        match &self.0 {
            Engine::Folder(folder) => folder.known_identity().await,
            Engine::Chunks(chunks) => chunks.known_identity().await,
        }
    }

    /// Which staging this is: `fresh`, a random id, if nobody asked before, and for ever what was said first. The database keeps it, so that a
    /// node whose folder is another one can be told from one that sees the others' uploads.
    pub async fn identity(&self, fresh: Uuid) -> Result<Uuid, Error> {
        match &self.0 {
            Engine::Folder(folder) => folder.identity(fresh).await,
            Engine::Chunks(chunks) => chunks.identity(fresh).await,
        }
    }
}

impl Writer {
    /// Takes the next bytes. They may still be in memory afterwards, of which a writer uses a bounded amount.
    ///
    /// # Errors
    /// [`Error::Full`] when there is no room. After any error this writer is of no use; what was synced before stays.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        match &mut self.0 {
            Pen::Folder(writer) => writer.write(bytes).await,
            Pen::Chunks(writer) => writer.write(&bytes).await,
        }
    }

    /// Makes all that was written survive a power cut and returns the segments that hold it.
    ///
    /// A folder has one that grows: it comes again with each call, longer. Objects have those put since the last call. Either way, what comes
    /// replaces a segment of the same name. Empty when nothing was ever written, or nothing since.
    pub async fn sync(&mut self) -> Result<Vec<Segment>, Error> {
        match &mut self.0 {
            Pen::Folder(writer) => writer.sync().await,
            Pen::Chunks(writer) => writer.sync().await,
        }
    }
}
