//! The end of a service account.

use std::sync::Arc;

use portreeve_contract::UserId;
use portreeve_database::{file, user};
use serde_json::Value;

use super::{Error, find_for_update};
use crate::{core::Core, events::Event};

/// At once: nobody has to be given time to think again who was not asked, and the administrator was.
pub(super) async fn delete(core: &Arc<Core>, admin: Option<UserId>, id: UserId) -> Result<(), Error> {
    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            find_for_update(&transaction, id).await?;
            // Its bytes are erased after it, as a person's are.
            file::erase_all_of(&transaction, id, shared.now()).await?;
            user::delete(&transaction, id).await?;
            shared.append(&transaction, Event::by_admin("user.erased", id, admin, &Value::Null)).await?;
            Ok(())
        })
        .await
}
