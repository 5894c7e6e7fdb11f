//! Helping a person who cannot sign in.

use std::sync::Arc;

use portreeve_contract::UserId;

use super::{Error, find};
use crate::{Caller, core::Core, events::Event, notifications::Job};

pub(super) async fn send_reset_link(core: &Arc<Core>, caller: &Caller, id: UserId) -> Result<(), Error> {
    let user = find(core, id).await?;
    let (shared, admin) = (core.clone(), caller.user);
    core.database
        .write(async move |transaction| {
            shared.append(&transaction, Event::by_admin("user.reset_link_sent", id, Some(admin), &serde_json::Value::Null)).await?;
            Ok(shared.queue(&transaction, &Job::ResetPassword { email_key: user.email_key }).await?)
        })
        .await
}
