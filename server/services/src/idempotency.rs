//! One request, one effect, however often it is sent (draft-ietf-httpapi-idempotency-key-header).

use portreeve_contract::{ErrorKind, Problem, UserId};
use portreeve_database::{
    DbErr, Transaction,
    idempotency_key::{self, IdempotencyKey},
    is_unique_violation,
};
use serde_json::Value;

use crate::{Caller, Fault, core::Core};

/// Why a request is not carried out because of its key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    Conflict,
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
            Error::Done => Self::new(
                ErrorKind::Conflict,
                "idempotency_done",
                "A request with this Idempotency-Key was carried out. Its answer held a secret, and is told once.",
            ),
            Error::Fault(fault) => fault.problem(),
        }
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
    /// [`Error::Conflict`].
    pub(crate) async fn answered(&self, core: &Core) -> Result<Option<Value>, Error> {
        match idempotency_key::find(core.database.reader(), self.user, &self.key).await? {
            Some(known) if known.fingerprint != self.fingerprint => Err(Error::Conflict),
            known => Ok(known.map(|known| known.answer)),
        }
    }

    /// For a request whose answer holds a secret: it must not have been carried out before.
    ///
    /// # Errors
    /// [`Error::Conflict`], [`Error::Done`].
    pub(crate) async fn is_first(&self, core: &Core) -> Result<(), Error> {
        match self.answered(core).await? {
            None => Ok(()),
            Some(_) => Err(Error::Done),
        }
    }

    /// Keeps the answer, in the transaction that carries the request out.
    ///
    /// # Errors
    /// A unique violation if a twin of the request was a moment faster; see [`is_twin`].
    pub(crate) async fn keep(self, core: &Core, transaction: &Transaction, answer: Value) -> Result<(), DbErr> {
        let Self { user, key, fingerprint } = self;
        idempotency_key::insert(transaction, IdempotencyKey { user_id: user, key, fingerprint, answer, created_at: core.now() }).await
    }

    /// As [`Self::keep`], of a request whose answer holds a secret.
    ///
    /// # Errors
    /// [`Error::Done`] if a twin of the request was a moment faster.
    pub(crate) async fn keep_that_it_was_done(self, core: &Core, transaction: &Transaction) -> Result<(), Error> {
        let kept = self.keep(core, transaction, Value::Null).await;
        kept.map_err(|error| if is_unique_violation(&error) { Error::Done } else { error.into() })
    }
}
