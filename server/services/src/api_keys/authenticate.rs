//! From a key to a caller.

use std::sync::Arc;

use chrono::TimeDelta;
use portreeve_contract::api_key::PREFIX;
use portreeve_database::{DbErr, api_key, user};

use crate::{Caller, Credential, Origin, auth::Error, core::Core, tokens::sha256, users::profile};

/// How exactly is known when a key was last used.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

pub(super) async fn authenticate(core: &Arc<Core>, from: Origin, key: &str) -> Result<Caller, Error> {
    if !key.starts_with(PREFIX) {
        return Err(Error::InvalidToken);
    }
    let (db, now) = (core.database.reader(), core.now());
    // The rows, each time: what was revoked, disabled or demoted a moment ago is so now, whoever did it.
    let key = api_key::find_by_hash(db, &sha256(key.as_bytes())).await?.ok_or(Error::InvalidToken)?;
    let user = user::find(db, key.user_id).await?.ok_or(Error::InvalidToken)?;
    if key.expires_at.is_some_and(|at| at <= now) || user.disabled_at.is_some() || user.erase_at.is_some() {
        return Err(Error::InvalidToken);
    }
    if key.last_used_at.is_none_or(|at| now - at >= SEEN_EVERY) {
        let (core, id) = (core.clone(), key.id);
        // Nobody waits for it, and nobody is refused because it cannot be written.
        tokio::spawn(async move {
            let written = core.database.write(async move |transaction| api_key::used(&transaction, id, now).await).await;
            if let Err(error) = written {
                let error: DbErr = error;
                tracing::warn!(%error, api_key = %id, "the use of a key could not be written down");
            }
        });
    }
    let key = super::show(key);
    let credential = Credential::ApiKey { id: key.id, scopes: key.scopes, plan: key.plan.map(Arc::from) };
    let profile = profile::of(user);
    Ok(Caller { user: profile.id, credential, role: profile.role, origin: from, profile })
}
