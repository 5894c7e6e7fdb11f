//! Signing a person out everywhere.

use std::sync::Arc;

use portreeve_contract::UserId;
use portreeve_database::session;

use super::{Error, find_for_update};
use crate::{core::Core, events::Event};

pub(super) async fn end_sessions(core: &Arc<Core>, admin: Option<UserId>, id: UserId) -> Result<(), Error> {
    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            find_for_update(&transaction, id).await?;
            let ended = session::end_all(&transaction, id, None, shared.now()).await?;
            shared.append(&transaction, Event::by_admin("user.sessions_ended", id, admin, &serde_json::json!({ "count": ended }))).await?;
            Ok(())
        })
        .await
}
