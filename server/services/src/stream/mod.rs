//! What administrators see of the stream, and what they do with it.

mod dead_letters;
mod error;
mod info;
mod replay;

use std::sync::Arc;

use portreeve_contract::{
    DeadLetterId,
    stream::{DeadLetterDetail, DeadLetterPage, DeadLetterQuery, Redriven, Replay, StreamInfo},
};

pub use self::error::Error;
use crate::{Caller, core::Core, idempotency::Effect};

/// The stream, for administrators.
#[derive(Clone, Debug)]
pub struct Streams {
    core: Arc<Core>,
}

impl Streams {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// What the stream holds, and how its consumers fare. Administrators only.
    #[tracing::instrument(target = "otel", level = "trace", name = "stream.info", skip_all)]
    pub async fn info(&self, caller: &Caller) -> Result<StreamInfo, Error> {
        caller.require_admin()?;
        info::info(&self.core).await
    }

    /// A page of the events that consumers gave up on. Administrators only.
    #[tracing::instrument(target = "otel", level = "trace", name = "stream.dead_letters", skip_all)]
    pub async fn dead_letters(&self, caller: &Caller, query: DeadLetterQuery) -> Result<DeadLetterPage, Error> {
        caller.require_admin()?;
        dead_letters::list(&self.core, query).await
    }

    /// One of them, with all that is known of it. Administrators only.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    #[tracing::instrument(target = "otel", level = "trace", name = "stream.dead_letter", skip_all)]
    pub async fn dead_letter(&self, caller: &Caller, id: DeadLetterId) -> Result<DeadLetterDetail, Error> {
        caller.require_admin()?;
        dead_letters::detail(&self.core, id).await
    }

    /// Sends one to its consumer again. Administrators only.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Idempotency`] if `idempotency_key` was used for something else.
    #[tracing::instrument(target = "otel", level = "trace", name = "stream.redrive", skip_all)]
    pub async fn redrive(&self, caller: &Caller, id: DeadLetterId, idempotency_key: Option<String>) -> Result<Effect, Error> {
        caller.require_admin()?;
        dead_letters::redrive(&self.core, caller, id, idempotency_key).await
    }

    /// Sends all, or all of one consumer, to their consumers again. Administrators only.
    #[tracing::instrument(target = "otel", level = "trace", name = "stream.redrive_all", skip_all)]
    pub async fn redrive_all(&self, caller: &Caller, consumer: Option<String>) -> Result<Redriven, Error> {
        caller.require_admin()?;
        dead_letters::redrive_all(&self.core, caller, consumer).await
    }

    /// Throws one away. Administrators only.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    #[tracing::instrument(target = "otel", level = "trace", name = "stream.drop_dead_letter", skip_all)]
    pub async fn drop_dead_letter(&self, caller: &Caller, id: DeadLetterId) -> Result<(), Error> {
        caller.require_admin()?;
        dead_letters::drop_one(&self.core, caller, id).await
    }

    /// Lets a consumer read again from a point. Administrators only.
    ///
    /// # Errors
    /// [`Error::NoConsumer`], [`Error::Invalid`]; [`Error::Idempotency`] if `idempotency_key` was used for something else.
    #[tracing::instrument(target = "otel", level = "trace", name = "stream.replay", skip_all)]
    pub async fn replay(&self, caller: &Caller, wish: Replay, idempotency_key: Option<String>) -> Result<Effect, Error> {
        caller.require_admin()?;
        replay::replay(&self.core, caller, wish, idempotency_key).await
    }
}
