//! Ending a key.

use std::sync::Arc;

use portreeve_contract::{ApiKeyId, UserId};
use portreeve_database::api_key;
use serde_json::json;

use super::{By, Error};
use crate::core::Core;

pub(super) async fn revoke(core: &Arc<Core>, owner: UserId, by: By, id: ApiKeyId) -> Result<(), Error> {
    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            by.may(&transaction, owner).await?;
            if !api_key::delete(&transaction, owner, id).await? {
                return Err(Error::NotFound);
            }
            shared.append(&transaction, by.event("api_key.revoked", owner, json!({ "api_key": id }))).await?;
            Ok(())
        })
        .await
}
