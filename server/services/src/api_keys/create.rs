//! Making a key.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portreeve_contract::{
    ApiKeyId, FieldError, UserId,
    api_key::{CreatedApiKey, NewApiKey, PREFIX, Scope},
    name::Name,
};
use portreeve_database::api_key;
use serde_json::json;

use super::{By, Error, set_plan, show};
use crate::{core::Core, idempotency::Keyed, notifications::Job, tokens::sha256};

/// Keys of one account.
const MAX: u64 = 100;
/// Characters of a key that are kept to tell it from others. What is left of its 256 bits cannot be guessed.
const HINT: usize = 4;

pub(super) async fn create(core: &Arc<Core>, owner: UserId, by: By, new: NewApiKey, keyed: Option<Keyed>) -> Result<CreatedApiKey, Error> {
    if let Some(keyed) = &keyed {
        keyed.is_first(core).await?;
    }
    let (name, mut scopes) = check(core, &new)?;
    scopes.sort_unstable();
    scopes.dedup();
    let key = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(core.random.bytes::<32>()));
    let now = core.now();
    let row = api_key::ApiKey {
        id: ApiKeyId(core.random.uuid(now)),
        user_id: owner,
        name: name.as_str().to_owned(),
        scopes: scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "),
        key_hash: sha256(key.as_bytes()).to_vec(),
        hint: key[key.len() - HINT..].to_owned(),
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
        plan: new.plan,
        version: 1,
    };
    let shared = core.clone();
    let made = core
        .database
        .write(async move |transaction| {
            by.may_make(&transaction, owner, now).await?;
            if api_key::count_of_user(&transaction, owner).await? >= MAX {
                return Err(Error::TooMany(MAX));
            }
            let made = api_key::insert(&transaction, row).await?;
            shared.append(&transaction, by.event("api_key.created", owner, json!({ "api_key": made.id, "scopes": scopes }))).await?;
            if let Some(keyed) = keyed {
                keyed.keep_that_it_was_done(&shared, &transaction).await?;
            }
            if matches!(by, By::Owner(_)) {
                // Whoever borrowed a session for a moment could stay by a key: its owner learns of it.
                shared.queue(&transaction, &Job::ApiKeyCreated { user: owner }).await?;
            }
            Ok(made)
        })
        .await?;
    Ok(CreatedApiKey { api_key: show(made), key })
}

/// All that is wrong at once.
fn check(core: &Core, new: &NewApiKey) -> Result<(Name, Vec<Scope>), Error> {
    let name = Name::parse(&new.name).map_err(|error| match error.code.as_str() {
        "required" => FieldError::new("name", "required", "Give the key a name."),
        _ => error,
    });
    let scopes = if new.scopes.is_empty() { Some(FieldError::new("scopes", "required", "Choose what the key is for.")) } else { None };
    let past = new.expires_at.is_some_and(|at| at <= core.now());
    let expires_at = past.then(|| FieldError::new("expires_at", "past", "Choose a time in the future."));
    let plan = set_plan::check(core, new.plan.as_deref()).err();
    match (name, scopes, expires_at, plan) {
        (Ok(name), None, None, None) => Ok((name, new.scopes.clone())),
        (name, scopes, expires_at, plan) => Err(Error::Invalid([name.err(), scopes, expires_at, plan].into_iter().flatten().collect())),
    }
}
