//! Helping a person who cannot sign in.

use std::sync::Arc;

use portreeve_contract::UserId;
use serde_json::Value;

use super::{Error, find};
use crate::{
    Caller,
    core::Core,
    events::Event,
    idempotency::{Effect, Keyed},
    notifications::Job,
};

pub(super) async fn send_reset_link(
    core: &Arc<Core>,
    caller: &Caller,
    id: UserId,
    idempotency_key: Option<String>,
) -> Result<Effect, Error> {
    let keyed = Keyed::new(core, caller, idempotency_key, &[b"reset-link", id.0.as_bytes()]);
    if let Some(before) = Effect::before(core, keyed.as_ref()).await? {
        return Ok(before);
    }
    let user = find(core, id).await?;
    let (shared, admin) = (core.clone(), caller.user);
    core.database
        .write(async move |transaction| {
            shared.append(&transaction, Event::by_admin("user.reset_link_sent", id, Some(admin), &Value::Null)).await?;
            shared.queue(&transaction, &Job::ResetPassword { email_key: user.email_key }).await?;
            Ok(Effect::now(&shared, &transaction, keyed).await?)
        })
        .await
}
