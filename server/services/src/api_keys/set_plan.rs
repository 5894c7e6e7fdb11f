//! Giving a key a plan, or the usual one again.

use std::sync::Arc;

use portreeve_contract::{ApiKeyId, FieldError, api_key::ApiKey};
use portreeve_database::api_key;
use serde_json::json;

use super::{Error, show};
use crate::{Caller, core::Core, events::Event};

pub(super) async fn set_plan(
    core: &Arc<Core>,
    caller: &Caller,
    id: ApiKeyId,
    seen: Option<u64>,
    plan: Option<String>,
) -> Result<ApiKey, Error> {
    caller.require_admin()?;
    check(core, plan.as_deref())?;
    // No version is as large as one that does not fit.
    let seen = seen.map(|version| i64::try_from(version).unwrap_or(i64::MAX));
    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            let is_set = api_key::set_plan(&transaction, id, seen, plan).await?;
            let key = api_key::find(&transaction, id).await?.ok_or(Error::NotFound)?;
            if !is_set {
                return Err(Error::Changed);
            }
            let told = json!({ "api_key": id, "plan": key.plan });
            shared.append(&transaction, Event::user("api_key.plan_changed", key.user_id, told)).await?;
            Ok(show(key))
        })
        .await
}

/// The plan has to be there.
pub(super) fn check(core: &Core, plan: Option<&str>) -> Result<(), FieldError> {
    match plan {
        Some(plan) if !core.settings.plans.contains(plan) => Err(FieldError::new("plan", "unknown", "There is no such plan here.")),
        _ => Ok(()),
    }
}
