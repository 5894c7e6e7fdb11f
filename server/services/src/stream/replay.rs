//! Reading again.

use std::sync::Arc;

use portreeve_backends::stream::{NoPoint, ReplayFrom};
use portreeve_contract::{FieldError, stream::Replay};
use serde_json::Value;

use super::Error;
use crate::{
    Caller, Fault,
    core::Core,
    idempotency::{self, Effect, Keyed},
};

pub(super) async fn replay(core: &Arc<Core>, caller: &Caller, wish: Replay, idempotency_key: Option<String>) -> Result<Effect, Error> {
    let from: ReplayFrom = wish.from.trim().parse().map_err(|_: NoPoint| {
        let detail = "Enter “beginning”, a position such as 1024, a time such as 2026-11-21T09:30:00Z, or a day.";
        Error::Invalid(vec![FieldError::new("from", "no_point", detail)])
    })?;
    let asked = serde_json::to_vec(&wish).map_err(Fault::from)?;
    let keyed = Keyed::new(core, caller, idempotency_key, &[b"replay", &asked]);
    let (shared, by) = (core.clone(), caller.user);
    let replayed = idempotency::once(core, keyed, async move {
        let position = shared.stream.replay(&wish.consumer, from).await?;
        tracing::info!(%by, consumer = wish.consumer, position, "a consumer reads again");
        Ok::<_, Error>(Value::Null)
    });
    Ok(replayed.await?.1)
}
