//! Taking the bytes of an upload in.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, future::BoxFuture};
use portreeve_backends::staging;
use portreeve_contract::{FileId, file::File};
use portreeve_database::{
    Transaction, file, segment,
    upload::{self, Progress, Upload},
};
use tokio::time::Instant;

use super::{Error, accept, accept::Arrived, checksum::Checksum, find, pens::InHand, signed, sniff::HEAD, unsigned, view};
use crate::{Caller, Credential, core::Core, core::delta};

/// After so many bytes what came is made durable and noted: a server that is killed loses no more than this of an upload.
const SAVE_AFTER_BYTES: u64 = 32 * 1024 * 1024;
/// Or after so much time.
const SAVE_AFTER: Duration = Duration::from_secs(5);

/// How far an upload is.
#[derive(Clone, Debug)]
pub struct Offset {
    /// Bytes that are here for good.
    pub received: u64,
    /// Bytes in all.
    pub size: u64,
    /// When it is given up; `None` once all is here.
    pub expires_at: Option<DateTime<Utc>>,
    /// `Upload-Metadata` as it was sent.
    pub metadata: Option<String>,
}

pub(super) async fn offset(core: &Core, caller: &Caller, id: FileId) -> Result<Offset, Error> {
    if upload::find_visible(core.database.reader(), caller.user, id).await?.is_some() {
        core.pens.lay_down(id).await;
    }
    // In this order: of one that is given up in between the file is gone as well, and nobody takes it for one that is here whole.
    let upload = upload::find_visible(core.database.reader(), caller.user, id).await?;
    let size = unsigned(find(core, caller, id).await?.size);
    Ok(match upload {
        Some(upload) => {
            Offset { received: unsigned(upload.received), size, expires_at: Some(upload.expires_at), metadata: Some(upload.metadata) }
        }
        None => Offset { received: size, size, expires_at: None, metadata: None },
    })
}

/// What one request's bytes must hash to (tus 1.0.0, checksum extension). Nothing of them counts before that is known.
#[derive(Clone, Debug)]
pub enum Promise {
    /// 20 bytes.
    Sha1(Vec<u8>),
    /// 32 bytes.
    Sha256(Vec<u8>),
}

/// As [`begin`], for one who gives way to whoever asks how far the upload is.
pub(super) async fn resume(core: &Arc<Core>, caller: &Caller, id: FileId, offset: u64, promise: Option<Promise>) -> Result<Pen, Error> {
    // Before the pen is taken: who asks in that moment hears of what comes with it.
    let in_hand = core.pens.take_up(id);
    let pen = begin(core, caller, id, offset, promise).await?;
    Ok(Pen { in_hand: Some(in_hand), ..pen })
}

pub(super) async fn begin(core: &Arc<Core>, caller: &Caller, id: FileId, offset: u64, promise: Option<Promise>) -> Result<Pen, Error> {
    let file = find(core, caller, id).await?;
    let size = unsigned(file.size);
    let user = caller.user;
    let taken = core
        .database
        .write(async move |transaction| {
            let upload = upload::take_pen(&transaction, user, id).await?;
            match upload {
                // Rolled back: a request that comes at the wrong place takes nobody's pen.
                Some(upload) if unsigned(upload.received) != offset => Err(Error::WrongOffset { actual: unsigned(upload.received) }),
                // Given up a moment ago: nobody may take it for one that is here whole.
                None if file::find(&transaction, id).await?.is_none() => Err(Error::NotFound),
                other => Ok(other),
            }
        })
        .await?;
    let Some(upload) = taken else {
        // All of it was here already; the answer may have been lost.
        return Err(Error::WrongOffset { actual: size });
    };
    let checksum = match upload.digest.as_deref() {
        Some(saved) => Checksum::restore(saved).ok_or_else(|| crate::Fault::Crypto("a saved hash cannot be read"))?,
        None => Checksum::default(),
    };
    let writer = core.places.staging.begin(id, offset, core.random.uuid(core.now())).await?;
    Ok(Pen {
        core: core.clone(),
        credential: caller.credential.clone(),
        upload,
        size,
        writer,
        checksum,
        received: offset,
        saved: offset,
        saved_at: Instant::now(),
        promise: promise.map(Promised::new),
        on_accept: None,
        in_hand: None,
    })
}

/// The right to go on with an upload, until somebody else takes it. Dropping it loses what was not saved.
#[derive(Debug)]
pub struct Pen {
    core: Arc<Core>,
    credential: Credential,
    upload: Upload,
    size: u64,
    writer: staging::Writer,
    checksum: Checksum,
    received: u64,
    saved: u64,
    saved_at: Instant,
    promise: Option<Promised>,
    on_accept: Option<OnAccept>,
    in_hand: Option<InHand>,
}

/// What is to be written in the transaction that accepts the file.
struct OnAccept(Box<Write>);

type Write = dyn FnOnce(Transaction, File) -> BoxFuture<'static, Result<(), Error>> + Send + Sync;

impl std::fmt::Debug for OnAccept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnAccept").finish_non_exhaustive()
    }
}

impl Pen {
    /// Bytes that may still come.
    pub fn remaining(&self) -> u64 {
        self.size - self.received
    }

    /// Returns once somebody asked how far the upload is, and will go on with it: no more is to be taken, and [`Self::finish`] to be called.
    pub async fn asked_for(&self) {
        match &self.in_hand {
            Some(in_hand) => in_hand.asked_for().await,
            None => std::future::pending().await,
        }
    }

    /// SHA-256 of all that came so far, in this request and before.
    pub(super) fn sha256(&self) -> Vec<u8> {
        self.checksum.clone().finish()
    }

    /// Writes something more in the transaction that accepts the file; if that fails, it is not accepted.
    pub(super) fn on_accept(
        &mut self,
        write: impl FnOnce(Transaction, File) -> BoxFuture<'static, Result<(), Error>> + Send + Sync + 'static,
    ) {
        self.on_accept = Some(OnAccept(Box::new(write)));
    }

    /// Takes some bytes.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Full`], [`Error::TakenOver`].
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        if bytes.len() as u64 > self.remaining() {
            return Err(Error::TooLong);
        }
        self.checksum.update(&bytes);
        if let Some(promise) = &mut self.promise {
            promise.update(&bytes);
        }
        self.received += bytes.len() as u64;
        self.writer.write(bytes).await?;
        let enough = self.received - self.saved >= SAVE_AFTER_BYTES || self.saved_at.elapsed() >= SAVE_AFTER;
        if self.promise.is_none() && enough && self.received < self.size {
            self.save().await?;
        }
        Ok(())
    }

    /// No more comes: makes what came count, and accepts the file if that was all of it.
    ///
    /// To be called also when the sender was cut off, so that it need not send again what is here; but then not when a checksum was promised.
    ///
    /// # Errors
    /// [`Error::ChecksumMismatch`], after which nothing of this request counts; [`Error::TakenOver`].
    pub async fn finish(mut self) -> Result<(u64, Option<File>), Error> {
        if let Some(promise) = self.promise.take()
            && !promise.kept()
        {
            // Not left to the sweep, which would keep it until the upload is over.
            let fresh = self.writer.sync().await?;
            self.core.places.staging.remove(&fresh).await?;
            return Err(Error::ChecksumMismatch);
        }
        if self.received < self.size {
            self.save().await?;
            return Ok((self.received, None));
        }
        let file = self.complete().await?;
        Ok((self.received, Some(file)))
    }

    /// The expiry that the next answer tells.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.core.now() + delta(self.core.settings.files.upload_lifetime)
    }

    async fn complete(&mut self) -> Result<File, Error> {
        let fresh = self.writer.sync().await?;
        let head = self.head(&fresh).await?;
        let arrived = Arrived::new(self.sha256(), &head);
        let file = self.note(fresh, Some(arrived)).await?.ok_or(Error::NotFound)?;
        self.core.counters.uploaded(self.size);
        Ok(file)
    }

    async fn save(&mut self) -> Result<(), Error> {
        if self.received == self.saved {
            return Ok(());
        }
        let fresh = self.writer.sync().await?;
        self.note(fresh, None).await?;
        self.saved = self.received;
        self.saved_at = Instant::now();
        Ok(())
    }

    /// One transaction: where the bytes are, how far that is, and perhaps that it is all.
    async fn note(&mut self, fresh: Vec<staging::Segment>, arrived: Option<Arrived>) -> Result<Option<File>, Error> {
        let (core, id, credential) = (self.core.clone(), self.upload.file_id, self.credential.clone());
        let on_accept = if arrived.is_some() { self.on_accept.take() } else { None };
        let progress = Progress {
            writer: self.upload.writer,
            received: signed(self.received),
            digest: self.checksum.save(),
            expires_at: self.expires_at(),
        };
        self.core
            .database
            .write(async move |transaction| {
                // An upload may take hours; a session or a key that was ended meanwhile ends it too.
                if !credential.is_live(&transaction, core.now()).await? {
                    return Err(Error::SessionOver);
                }
                if !upload::save(&transaction, id, progress).await? {
                    // Or it was given up meanwhile, by its owner or because it expired.
                    let is_there = file::find(&transaction, id).await?.is_some();
                    return Err(if is_there { Error::TakenOver } else { Error::NotFound });
                }
                segment::save(&transaction, fresh.into_iter().map(|it| row(id, it)).collect()).await?;
                let Some(arrived) = arrived else { return Ok(None) };
                let file = view(accept::accept(&core, &transaction, id, arrived).await?);
                if let Some(OnAccept(write)) = on_accept {
                    write(transaction, file.clone()).await?;
                }
                Ok(Some(file))
            })
            .await
    }

    /// The first bytes of the file, from wherever they are.
    async fn head(&self, fresh: &[staging::Segment]) -> Result<Vec<u8>, Error> {
        let id = self.upload.file_id;
        let mut segments: Vec<_> = segment::find_of(self.core.database.reader(), id).await?.into_iter().map(segment_of).collect();
        for segment in fresh {
            segments.retain(|known| known.start != segment.start);
            segments.push(segment.clone());
        }
        segments.sort_by_key(|segment| segment.start);
        read_head(&self.core.places.staging, segments).await
    }
}

async fn read_head(staging: &staging::Staging, segments: Vec<staging::Segment>) -> Result<Vec<u8>, Error> {
    let mut bytes = staging.read(segments).boxed();
    let mut head = Vec::with_capacity(HEAD);
    while head.len() < HEAD {
        let Some(next) = bytes.try_next().await? else { break };
        head.extend_from_slice(&next[..next.len().min(HEAD - head.len())]);
    }
    Ok(head)
}

pub(super) fn row(file: FileId, segment: staging::Segment) -> segment::Segment {
    segment::Segment { file_id: file, start: signed(segment.start), length: signed(segment.length), name: segment.name }
}

pub(super) fn segment_of(row: segment::Segment) -> staging::Segment {
    staging::Segment { start: unsigned(row.start), length: unsigned(row.length), name: row.name }
}

/// A promise, and what has come of it so far.
struct Promised {
    expected: Vec<u8>,
    context: digest::Context,
}

impl Promised {
    fn new(promise: Promise) -> Self {
        let (algorithm, expected) = match promise {
            Promise::Sha1(expected) => (&digest::SHA1_FOR_LEGACY_USE_ONLY, expected),
            Promise::Sha256(expected) => (&digest::SHA256, expected),
        };
        Self { expected, context: digest::Context::new(algorithm) }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    fn kept(self) -> bool {
        self.context.finish().as_ref() == self.expected
    }
}

impl std::fmt::Debug for Promised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Promised").finish_non_exhaustive()
    }
}
