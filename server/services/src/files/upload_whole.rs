//! A file in one request.

use std::{fmt::Display, pin::pin, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures::{Stream, TryStreamExt};
use portreeve_contract::{
    FileId,
    file::{File, FileAccepted},
};
use portreeve_database::{Transaction, file, is_unique_violation, segment};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::Instrument;

use super::{
    Error, NewUpload,
    accept::Arrived,
    checksum::Checksum,
    create, erase, event,
    receive::{self, row},
    view,
};
use crate::{
    Caller, Fault,
    auth::authenticate,
    core::Core,
    idempotency::{self, Claim, Keyed, LOOK_EVERY},
};

/// As much is taken in before anything is written: most files are smaller, and cost one transaction then.
const AT_ONCE: usize = 1024 * 1024;
/// A body that takes longer may end after the session or the key that was let in with its head.
const SOON: Duration = Duration::from_secs(1);

/// A file that comes whole.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// As given; empty for none.
    pub name: String,
    /// The media type that is claimed.
    pub claimed_type: Option<String>,
    /// `Content-Length`, if it was said.
    pub length: Option<u64>,
    /// `Idempotency-Key`, if there was one.
    pub idempotency_key: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Uploaded {
    /// To be answered.
    pub accepted: FileAccepted,
    /// Whether this is the answer to an earlier request with the same key.
    pub repeated: bool,
}

pub(super) async fn upload_whole<E: Display>(
    core: &Arc<Core>,
    caller: &Caller,
    new: NewFile,
    body: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<Uploaded, Error> {
    let limit = core.settings.files.max_size;
    if new.length.is_some_and(|length| length > limit) {
        return Err(Error::TooLarge { limit });
    }
    let began = Instant::now();
    let mut body = pin!(body);
    // No more is filled than that and what the connection hands over at once; a buffer that grows would leave its smaller selves behind.
    let announced = new.length.and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let mut first = BytesMut::with_capacity(announced.min(AT_ONCE + AT_ONCE / 2));
    let mut ended = false;
    while first.len() <= AT_ONCE {
        match body.try_next().await {
            Ok(Some(bytes)) => first.extend_from_slice(&bytes),
            Ok(None) => {
                ended = true;
                break;
            }
            Err(_) => return Err(Error::CutOff),
        }
    }
    let small = if ended { Some(first.split().freeze()) } else { None };
    match small {
        Some(bytes) if new.length.is_none_or(|length| length == bytes.len() as u64) => {
            // Most come at once with the request that was let in.
            if began.elapsed() > SOON && !authenticate::goes_on(core, caller).await? {
                return Err(Error::SessionOver);
            }
            small_file(core, caller, new, bytes).await
        }
        Some(_) => Err(Error::CutOff),
        None => {
            let size = new.length.ok_or(Error::LengthRequired)?;
            let claim = new.idempotency_key.clone().map(|key| Claim::new(core, caller, key));
            if let Some(claim) = &claim
                && claim.is_answered(core).await?
            {
                // The first one may have filled its owner's share.
                return repeat(core, caller, &new, first.freeze(), body).await;
            }
            let upload = NewUpload { name: new.name.clone(), size, claimed_type: new.claimed_type.clone(), ..NewUpload::default() };
            let (id, unfinished) = begin(core, caller, upload, claim.clone()).await?;
            let taken = take(core, caller, &new, (id, claim), first.freeze(), body).await;
            match &taken {
                Ok(uploaded) if !uploaded.repeated => unfinished.keep(),
                _ => unfinished.abort().await,
            }
            taken
        }
    }
}

/// One whose key is known: read to see whether it is the same, and not kept.
async fn repeat<E: Display>(
    core: &Arc<Core>,
    caller: &Caller,
    new: &NewFile,
    first: Bytes,
    mut body: std::pin::Pin<&mut (impl Stream<Item = Result<Bytes, E>> + Send)>,
) -> Result<Uploaded, Error> {
    let mut checksum = Checksum::default();
    checksum.update(&first);
    while let Some(bytes) = body.try_next().await.map_err(|_| Error::CutOff)? {
        checksum.update(&bytes);
    }
    let keyed = keyed(core, caller, new, &checksum.finish());
    repeated(core, keyed.as_ref()).await?.ok_or(Error::Fault(Fault::Busy))
}

/// In a task of its own: whoever goes away meanwhile must leave nothing behind that nobody ends.
async fn begin(core: &Arc<Core>, caller: &Caller, upload: NewUpload, claim: Option<Claim>) -> Result<(FileId, Unfinished), Error> {
    let (core, caller) = (core.clone(), caller.clone());
    let begun = async move {
        let id = create::begin(&core, &caller, upload, claim.clone().map(create::Key::Held)).await?.id;
        Ok((id, Unfinished(Some((core, caller, id, claim)))))
    };
    tokio::spawn(begun.in_current_span()).await.unwrap_or(Err(Error::CutOff))
}

/// An upload that nobody will go on with once this is dropped, be it that whoever sends it went away. What it took of its owner's share is given back,
/// and its key.
struct Unfinished(Option<(Arc<Core>, Caller, FileId, Option<Claim>)>);

impl Unfinished {
    fn keep(mut self) {
        self.0 = None;
    }

    async fn abort(mut self) {
        // By itself, so that it is not given up half-way.
        if let Some(aborting) = self.give_up() {
            let _ = aborting.await;
        }
    }

    fn give_up(&mut self) -> Option<tokio::task::JoinHandle<()>> {
        let ((core, caller, id, claim), runtime) = (self.0.take()?, tokio::runtime::Handle::try_current().ok()?);
        Some(runtime.spawn(async move {
            match erase::abort(&core, &caller, id).await {
                // Not found: it was accepted all the same, and nobody heard of it.
                Ok(()) | Err(Error::NotFound) => {}
                Err(error) => tracing::warn!(%id, %error, "an upload that failed is left until it expires"),
            }
            if let Some(claim) = claim {
                claim.release(&core).await;
            }
        }))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        drop(self.give_up());
    }
}

/// All of it is in memory: one sync of the bytes, one transaction for everything else.
async fn small_file(core: &Arc<Core>, caller: &Caller, new: NewFile, bytes: Bytes) -> Result<Uploaded, Error> {
    // Not before: a body that trickles in must keep nobody from storing.
    let _waiting = core.intake.begin();
    let mut checksum = Checksum::default();
    checksum.update(&bytes);
    let arrived = Arrived::new(checksum.finish(), &bytes);
    let keyed = keyed(core, caller, &new, &arrived.sha256);
    if let Some(repeated) = repeated(core, keyed.as_ref()).await? {
        return Ok(repeated);
    }
    let twin = keyed.clone();
    let upload =
        NewUpload { name: new.name.clone(), size: bytes.len() as u64, claimed_type: new.claimed_type.clone(), ..NewUpload::default() };
    let begun = create::fresh(core, caller.user, &upload)?;
    let file = file::File {
        status: file::Status::Accepted,
        media_type: arrived.media_type.to_owned(),
        extension: arrived.extension.to_owned(),
        sha256: Some(arrived.sha256),
        accepted_at: Some(core.now()),
        ..begun
    };
    let mut writer = core.places.staging.begin(file.id, 0, core.random.uuid(core.now())).await?;
    if !bytes.is_empty() {
        writer.write(bytes).await?;
    }
    let segments = writer.sync().await?;
    let staged = segments.clone();
    let (shared, id, owner) = (core.clone(), file.id, file.owner_id);
    let noted = core
        .database
        .write(async move |transaction| {
            create::reserve(&transaction, &shared.settings.files, &file).await?;
            let file = file::insert(&transaction, file).await?;
            segment::save(&transaction, segments.into_iter().map(|segment| row(id, segment)).collect()).await?;
            shared.append(&transaction, event("file.accepted", id, owner)).await?;
            let accepted = accepted(view(file));
            if let Some(keyed) = keyed {
                keep(keyed, &shared, &transaction, &accepted).await?;
            }
            Ok::<_, Error>(Uploaded { accepted, repeated: false })
        })
        .await;
    match noted {
        Err(error) => {
            // A connection that broke in the middle of a commit leaves open whether it took place: what is not needed is swept later.
            if !is_in_doubt(&error) {
                core.places.staging.remove(&staged).await?;
            }
            // A twin of this request may have been a moment faster.
            if matches!(error, Error::Idempotency(idempotency::Error::InFlight))
                && let Some(repeated) = repeated(core, twin.as_ref()).await?
            {
                return Ok(repeated);
            }
            Err(error)
        }
        Ok(uploaded) => {
            core.counters.uploaded(uploaded.accepted.file.size);
            Ok(uploaded)
        }
    }
}

/// Whether what the transaction wrote may be there all the same.
fn is_in_doubt(error: &Error) -> bool {
    matches!(error, Error::Fault(Fault::Database(error)) if !is_unique_violation(error))
}

async fn take<E: Display>(
    core: &Arc<Core>,
    caller: &Caller,
    new: &NewFile,
    (id, mut claim): (FileId, Option<Claim>),
    first: Bytes,
    mut body: std::pin::Pin<&mut (impl Stream<Item = Result<Bytes, E>> + Send)>,
) -> Result<Uploaded, Error> {
    let mut pen = receive::begin(core, caller, id, 0, None).await?;
    pen.write(first).await?;
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let next = tokio::select! {
            next = body.try_next() => next,
            // Also while nothing comes.
            _ = look.tick(), if claim.is_some() => {
                if let Some(claim) = &mut claim {
                    claim.renew(core).await?;
                }
                continue;
            }
        };
        match next {
            Ok(Some(bytes)) => pen.write(bytes).await?,
            Ok(None) if pen.remaining() == 0 => return finish(core, caller, new, claim, pen).await,
            Ok(None) | Err(_) => return Err(Error::CutOff),
        }
    }
}

/// The answer is kept in the transaction that accepts the file: whoever hears nothing of it and sends again gets the same.
async fn finish(core: &Arc<Core>, caller: &Caller, new: &NewFile, claim: Option<Claim>, mut pen: receive::Pen) -> Result<Uploaded, Error> {
    let keyed = keyed(core, caller, new, &pen.sha256());
    if let (Some(keyed), Some(claim)) = (keyed.clone(), claim) {
        let shared = core.clone();
        pen.on_accept(move |transaction, file| {
            Box::pin(async move {
                let answer = serde_json::to_value(accepted(file)).map_err(Fault::from)?;
                Ok(claim.answer(&shared, &transaction, keyed, answer).await?)
            })
        });
    }
    match pen.finish().await {
        Ok((_, file)) => Ok(Uploaded { accepted: accepted(file.ok_or(Error::CutOff)?), repeated: false }),
        // It was not heard of for so long that a twin of it was let in.
        Err(Error::Idempotency(error @ idempotency::Error::InFlight)) => repeated(core, keyed.as_ref()).await?.ok_or_else(|| error.into()),
        Err(error) => Err(error),
    }
}

fn accepted(file: File) -> FileAccepted {
    FileAccepted { message: "File uploaded and event sent".to_owned(), file_key: file.file_key.clone(), file }
}

fn keyed(core: &Core, caller: &Caller, new: &NewFile, sha256_of_body: &[u8]) -> Option<Keyed> {
    let asked = serde_json::json!([new.name, new.claimed_type]).to_string();
    Keyed::new(core, caller, new.idempotency_key.clone(), &[b"file", sha256_of_body, asked.as_bytes()])
}

async fn repeated(core: &Core, keyed: Option<&Keyed>) -> Result<Option<Uploaded>, Error> {
    let Some(keyed) = keyed else { return Ok(None) };
    let Some(answer) = keyed.answered(core).await? else { return Ok(None) };
    let accepted = serde_json::from_value(answer).map_err(Fault::from)?;
    Ok(Some(Uploaded { accepted, repeated: true }))
}

async fn keep(keyed: Keyed, core: &Core, transaction: &Transaction, accepted: &FileAccepted) -> Result<(), Error> {
    let answer = serde_json::to_value(accepted).map_err(Fault::from)?;
    Ok(keyed.keep(core, transaction, answer).await?)
}
