//! From a key to a caller.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use portreeve_contract::api_key::PREFIX;
use portreeve_database::{
    DbErr,
    api_key::{self, Standing},
};

use crate::{Caller, Credential, Origin, auth::Error, core::Core, tokens::sha256, users::profile};

pub(super) async fn authenticate(core: &Arc<Core>, from: Origin, key: &str) -> Result<Caller, Error> {
    if !key.starts_with(PREFIX) {
        return Err(Error::InvalidToken);
    }
    // As things are now: what was revoked, disabled or demoted is so, whoever did it.
    let hash = sha256(key.as_bytes());
    let key = core.standings.of_key(hash).await?.ok_or(Error::InvalidToken)?;
    let now = core.now();
    if !is_good(&key, now) {
        return Err(Error::InvalidToken);
    }
    if core.key_uses.is_news(key.id, key.last_used_at, now) {
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
    let profile = profile::of_person(key.user_id, &key.person);
    let credential = Credential::ApiKey { id: key.id, hash, scopes: super::scopes(&key.scopes), plan: key.plan.as_deref().map(Arc::from) };
    Ok(Caller { user: profile.id, credential, role: profile.role, origin: from, profile })
}

/// Whether it opens anything now.
pub(crate) fn is_good(key: &Standing, now: DateTime<Utc>) -> bool {
    key.expires_at.is_none_or(|at| at > now) && key.person.disabled_at.is_none() && key.person.erase_at.is_none()
}
