//! One request, one effect, however often it is sent (draft-ietf-httpapi-idempotency-key-header).
//!
//! A request that is one transaction keeps its answer in that, and a twin waits for it. One that takes longer, such as an upload, takes its key with its first
//! transaction and holds it until it is answered or given up.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use portreeve_contract::{ErrorKind, Problem, UserId};
use portreeve_database::{
    ConnectionTrait, DbErr, Transaction,
    idempotency_key::{self, IdempotencyKey},
};
use serde_json::Value;
use tracing::Instrument;
use uuid::Uuid;

use crate::{Caller, Fault, core::Core};

/// A key whose holder was not heard of for so long is free: the node that it was on has ended without a word.
const LEASE: TimeDelta = TimeDelta::minutes(1);
/// A holder is heard of this often.
const HEARD_EVERY: TimeDelta = TimeDelta::seconds(20);
/// And looks this often whether it is time.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Seconds after which it is worth asking again.
const RETRY_AFTER: u64 = 5;

/// Why a request is not carried out because of its key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    Conflict,
    /// A request with it is being carried out.
    #[error("a request with this idempotency key is under way")]
    InFlight,
    /// It was carried out, and its answer held a secret, which is not kept.
    #[error("a request with this idempotency key was carried out")]
    Done,
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict => Self::new(ErrorKind::Invalid, "idempotency_conflict", "This Idempotency-Key was used for another request."),
            Error::InFlight => Self {
                retry_after: Some(RETRY_AFTER),
                ..Self::new(
                    ErrorKind::Conflict,
                    "idempotency_in_flight",
                    "A request with this Idempotency-Key is under way. Send it again once that has ended.",
                )
            },
            Error::Done => Self::new(
                ErrorKind::Conflict,
                "idempotency_done",
                "A request with this Idempotency-Key was carried out. Its answer held a secret, and is told once.",
            ),
            Error::Fault(fault) => fault.problem(),
        }
    }
}

/// When a request had its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Now.
    Fresh,
    /// Before, under the same key.
    Repeated,
}

impl Effect {
    /// Whether that was before.
    pub fn is_repeated(self) -> bool {
        self == Self::Repeated
    }

    /// Of a request whose answer says nothing: before, if it was answered.
    ///
    /// # Errors
    /// [`Error::Conflict`], [`Error::InFlight`].
    pub(crate) async fn before(core: &Core, keyed: Option<&Keyed>) -> Result<Option<Self>, Error> {
        let Some(keyed) = keyed else { return Ok(None) };
        Ok(keyed.answered(core).await?.map(|_| Self::Repeated))
    }

    /// Of such a request: now, in the transaction that carries it out.
    ///
    /// # Errors
    /// As [`Keyed::keep`].
    pub(crate) async fn now(core: &Core, transaction: &Transaction, keyed: Option<Keyed>) -> Result<Self, Error> {
        if let Some(keyed) = keyed {
            keyed.keep(core, transaction, Value::Null).await?;
        }
        Ok(Self::Fresh)
    }
}

/// A request with a key that its sender chose.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    user: UserId,
    key: String,
    fingerprint: Vec<u8>,
}

impl Keyed {
    /// `asked` is what makes two requests the same; `None` without a key. Of what was asked only a MAC is kept, since it may hold a password.
    pub(crate) fn new(core: &Core, caller: &Caller, key: Option<String>, asked: &[&[u8]]) -> Option<Self> {
        let key = key?;
        Some(Self { user: caller.user, key, fingerprint: core.ring.mac("idempotency", asked).to_vec() })
    }

    /// The answer that was given to it before.
    ///
    /// # Errors
    /// [`Error::Conflict`], [`Error::InFlight`].
    pub(crate) async fn answered(&self, core: &Core) -> Result<Option<Value>, Error> {
        self.answered_by(core, core.database.reader()).await
    }

    async fn answered_by(&self, core: &Core, db: &impl ConnectionTrait) -> Result<Option<Value>, Error> {
        match known(core, db, self.user, &self.key).await? {
            Some(known) if known.fingerprint != self.fingerprint => Err(Error::Conflict),
            known => Ok(known.map(|known| known.answer)),
        }
    }

    /// For a request whose answer holds a secret: it must not have been carried out before.
    ///
    /// # Errors
    /// [`Error::Conflict`], [`Error::InFlight`], [`Error::Done`].
    pub(crate) async fn is_first(&self, core: &Core) -> Result<(), Error> {
        match self.answered(core).await? {
            None => Ok(()),
            Some(_) => Err(Error::Done),
        }
    }

    /// Keeps the answer, in the transaction that carries the request out.
    ///
    /// # Errors
    /// [`Error::InFlight`] if another request with the key was a moment faster.
    pub(crate) async fn keep(self, core: &Core, transaction: &Transaction, answer: Value) -> Result<(), Error> {
        if idempotency_key::insert(transaction, self.row(core.now(), answer), lost(core)).await? { Ok(()) } else { Err(Error::InFlight) }
    }

    /// As [`Self::keep`], of a request whose answer holds a secret.
    ///
    /// # Errors
    /// As [`Self::is_first`] if another request with the key was a moment faster.
    pub(crate) async fn keep_that_it_was_done(self, core: &Core, transaction: &Transaction) -> Result<(), Error> {
        let twin = self.clone();
        match self.keep(core, transaction, Value::Null).await {
            Err(Error::InFlight) => match twin.answered_by(core, transaction).await? {
                Some(_) => Err(Error::Done),
                // Whoever held it has given it up since.
                None => Err(Error::InFlight),
            },
            kept => kept,
        }
    }

    fn row(self, now: DateTime<Utc>, answer: Value) -> IdempotencyKey {
        let Self { user, key, fingerprint } = self;
        IdempotencyKey { user_id: user, key, fingerprint, answer, created_at: now, holder: None }
    }
}

/// The key of a request that takes longer than a transaction. Whoever takes it has to answer or to release it.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    user: UserId,
    key: String,
    holder: Uuid,
    /// When it was last heard of.
    heard_at: DateTime<Utc>,
}

impl Claim {
    pub(crate) fn new(core: &Core, caller: &Caller, key: String) -> Self {
        let now = core.now();
        Self { user: caller.user, key, holder: core.random.uuid(now), heard_at: now }
    }

    /// Whether a request with the key was answered before.
    ///
    /// # Errors
    /// [`Error::InFlight`].
    pub(crate) async fn is_answered(&self, core: &Core) -> Result<bool, Error> {
        Ok(known(core, core.database.reader(), self.user, &self.key).await?.is_some())
    }

    /// Holds the key from the end of the transaction on.
    ///
    /// # Errors
    /// [`Error::InFlight`] if another request with the key was a moment faster.
    pub(crate) async fn take(self, core: &Core, transaction: &Transaction) -> Result<(), Error> {
        let Self { user, key, holder, heard_at } = self;
        let row = IdempotencyKey {
            user_id: user,
            key,
            fingerprint: Vec::new(), // of a body that is still to come
            answer: Value::Null,
            created_at: heard_at,
            holder: Some(holder),
        };
        if idempotency_key::insert(transaction, row, lost(core)).await? { Ok(()) } else { Err(Error::InFlight) }
    }

    /// Lets the holder be heard of, if it is time.
    ///
    /// # Errors
    /// [`Error::InFlight`] if the key is somebody else's by now: it was not heard of for too long.
    pub(crate) async fn renew(&mut self, core: &Core) -> Result<(), Error> {
        let (Self { user, key, holder, heard_at }, now) = (self.clone(), core.now());
        if now - heard_at < HEARD_EVERY {
            return Ok(());
        }
        let renewed = core.database.write(async move |transaction| idempotency_key::renew(&transaction, user, &key, holder, now).await);
        match renewed.await {
            Ok(true) => {
                self.heard_at = now;
                Ok(())
            }
            Ok(false) => Err(Error::InFlight),
            Err(error) => {
                tracing::warn!(%error, "an idempotency key is not renewed; tried again in a moment");
                Ok(())
            }
        }
    }

    /// Keeps the answer, in the transaction that ends the request.
    ///
    /// # Errors
    /// [`Error::InFlight`] as of [`Self::renew`].
    pub(crate) async fn answer(self, core: &Core, transaction: &Transaction, keyed: Keyed, answer: Value) -> Result<(), Error> {
        if idempotency_key::answer(transaction, self.holder, keyed.row(core.now(), answer)).await? { Ok(()) } else { Err(Error::InFlight) }
    }

    /// Frees the key, unless the request was answered.
    pub(crate) async fn release(self, core: &Core) {
        let Self { user, key, holder, .. } = self;
        let released = core.database.write(async move |transaction| idempotency_key::release(&transaction, user, &key, holder).await);
        if let Err(error) = released.await {
            tracing::warn!(%error, "an idempotency key stays in use for a minute");
        }
    }
}

/// Carries out what is no transaction of this database, and keeps its answer. A node that is killed in between leaves the key to a repeat, which
/// carries it out again; so does one that takes longer than the lease.
///
/// # Errors
/// [`Error::Conflict`], [`Error::InFlight`], and those of `work`.
pub(crate) async fn once<E: From<Error> + Send + 'static>(
    core: &Arc<Core>,
    keyed: Option<Keyed>,
    work: impl Future<Output = Result<Value, E>> + Send + 'static,
) -> Result<(Value, Effect), E> {
    let Some(keyed) = keyed else { return Ok((work.await?, Effect::Fresh)) };
    if let Some(answer) = keyed.answered(core).await? {
        return Ok((answer, Effect::Repeated));
    }
    let core = core.clone();
    // By itself, so that it is not given up half-way when its client goes away.
    let carried_out = tokio::spawn(
        async move {
            let claim = Claim { user: keyed.user, key: keyed.key.clone(), holder: core.random.uuid(core.now()), heard_at: core.now() };
            let (shared, taken) = (core.clone(), claim.clone());
            core.database.write(async move |transaction| taken.take(&shared, &transaction).await).await?;
            match work.await {
                Ok(answer) => {
                    let (shared, kept) = (core.clone(), answer.clone());
                    core.database.write(async move |transaction| claim.answer(&shared, &transaction, keyed, kept).await).await?;
                    Ok((answer, Effect::Fresh))
                }
                Err(error) => {
                    claim.release(&core).await;
                    Err(error)
                }
            }
        }
        .in_current_span(),
    );
    carried_out.await.unwrap_or_else(|_| Err(Error::Fault(DbErr::Custom("a request panicked".to_owned()).into()).into()))
}

/// What is known of a key.
///
/// # Errors
/// [`Error::InFlight`].
async fn known(core: &Core, db: &impl ConnectionTrait, user: UserId, key: &str) -> Result<Option<IdempotencyKey>, Error> {
    match idempotency_key::find(db, user, key).await? {
        Some(IdempotencyKey { holder: Some(_), created_at, .. }) => {
            if created_at > lost(core) {
                Err(Error::InFlight)
            } else {
                Ok(None)
            }
        }
        known => Ok(known),
    }
}

/// Holders that were not heard of after this are lost.
fn lost(core: &Core) -> DateTime<Utc> {
    core.now() - LEASE
}
