//! Staging in an object store: one object a full buffer, or a sync.

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use portreeve_contract::FileId;
use uuid::Uuid;

use super::{Error, Segment, Staged, name};
use crate::objects::Objects;

/// How much a writer keeps in memory at most, and puts at once.
const CHUNK: usize = 8 << 20;

const IDENTITY: &str = "identity";

#[derive(Clone, Debug)]
pub(super) struct Chunks {
    objects: Objects,
    prefix: String,
}

impl Chunks {
    pub(super) fn new(objects: Objects, prefix: &str) -> Self {
        Self { objects, prefix: prefix.to_owned() }
    }

    pub(super) fn begin(&self, file: FileId, start: u64, writer: Uuid) -> Writer {
        Writer { chunks: self.clone(), file, id: writer, next: start, filling: Vec::new(), put: Vec::new(), is_broken: false }
    }

    pub(super) async fn read(&self, segment: Segment) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        let read = self.objects.get(&self.key(&segment.name), Some(0..segment.length)).await;
        read.map_err(|error| match error {
            Error::NotFound(_) => Error::NotFound(segment.name),
            Error::Range(_) => Error::Length { name: segment.name, expected: segment.length, found: 0 },
            error => error,
        })
    }

    pub(super) async fn remove(&self, name: &str) -> Result<(), Error> {
        self.objects.delete(&self.key(name)).await
    }

    pub(super) async fn list(&self) -> Result<Vec<Staged>, Error> {
        let listed = self.objects.list(&self.prefix);
        listed
            .try_filter_map(async |found| Ok(found.key.strip_prefix(&self.prefix).and_then(|name| name::parse(name).ok())))
            .try_collect()
            .await
    }

    pub(super) async fn identity(&self, fresh: Uuid) -> Result<Uuid, Error> {
        if let Some(known) = self.known_identity().await? {
            return Ok(known);
        }
        let key = self.key(IDENTITY);
        // What is there then is what counts, whoever put it: some services know no "only if there is none" and take the last.
        self.objects.put_new(&key, fresh.to_string().into()).await?;
        self.known_identity().await?.ok_or(Error::NotFound(key))
    }

    pub(super) async fn known_identity(&self) -> Result<Option<Uuid>, Error> {
        let key = self.key(IDENTITY);
        let text: Vec<Bytes> = match self.objects.get(&key, None).await {
            Ok(text) => text.try_collect().await?,
            Err(Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let known = Uuid::try_parse_ascii(text.concat().trim_ascii());
        known.map(Some).map_err(|error| Error::Refused { what: format!("{key} in {}", self.objects.place()), source: error.into() })
    }

    pub(super) fn place(&self) -> String {
        self.objects.place()
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

#[derive(Debug)]
pub(super) struct Writer {
    chunks: Chunks,
    file: FileId,
    id: Uuid,
    /// Where in the file the next chunk begins.
    next: u64,
    filling: Vec<u8>,
    /// Those that nobody was told of.
    put: Vec<Segment>,
    is_broken: bool,
}

impl Writer {
    pub(super) async fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.filling.len()));
            self.filling.extend_from_slice(now);
            bytes = later;
            if self.filling.len() == CHUNK {
                self.put().await?;
            }
        }
        Ok(())
    }

    pub(super) async fn sync(&mut self) -> Result<Vec<Segment>, Error> {
        self.put().await?;
        Ok(std::mem::take(&mut self.put))
    }

    async fn put(&mut self) -> Result<(), Error> {
        let what = || self.chunks.objects.place();
        if self.is_broken {
            return Err(Error::Unavailable { what: what(), source: "an earlier write failed".into() });
        }
        if self.filling.is_empty() {
            return Ok(());
        }
        // Whoever drops this half-way has bytes that are neither here nor surely there.
        self.is_broken = true;
        let bytes = Bytes::from(std::mem::take(&mut self.filling));
        let length = bytes.len() as u64;
        let name = name::name(self.file, self.next, self.id);
        let whole = futures::stream::iter([Ok::<_, Error>(bytes)]).boxed();
        self.chunks.objects.put(&self.chunks.key(&name), length, whole).await?;
        self.put.push(Segment { start: self.next, length, name });
        self.next += length;
        self.is_broken = false;
        Ok(())
    }
}
