//! Ending a key.

use std::sync::Arc;

use portreeve_contract::ApiKeyId;
use portreeve_database::api_key;
use serde_json::json;

use super::Error;
use crate::{Caller, core::Core, events::Event};

pub(super) async fn revoke(core: &Arc<Core>, caller: &Caller, id: ApiKeyId) -> Result<(), Error> {
    let (shared, user) = (core.clone(), caller.user);
    core.database
        .write(async move |transaction| {
            if !api_key::delete(&transaction, user, id).await? {
                return Err(Error::NotFound);
            }
            shared.append(&transaction, Event::user("api_key.revoked", user, json!({ "api_key": id }))).await?;
            Ok(())
        })
        .await
}
