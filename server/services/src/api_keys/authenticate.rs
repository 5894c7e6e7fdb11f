//! From a key to a caller.

use std::sync::Arc;

use portreeve_contract::api_key::PREFIX;
use portreeve_database::{DbErr, api_key};

use crate::{Caller, Credential, Origin, auth::Error, core::Core, tokens::sha256, users::profile};

pub(super) async fn authenticate(core: &Arc<Core>, from: Origin, key: &str) -> Result<Caller, Error> {
    if !key.starts_with(PREFIX) {
        return Err(Error::InvalidToken);
    }
    // As things are now: what was revoked, disabled or demoted is so, whoever did it.
    let key = core.standings.of_key(sha256(key.as_bytes())).await?.ok_or(Error::InvalidToken)?;
    let (now, person) = (core.now(), &key.person);
    if key.expires_at.is_some_and(|at| at <= now) || person.disabled_at.is_some() || person.erase_at.is_some() {
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
    let profile = profile::of_person(key.user_id, person);
    let credential = Credential::ApiKey { id: key.id, scopes: super::scopes(&key.scopes), plan: key.plan.as_deref().map(Arc::from) };
    Ok(Caller { user: profile.id, credential, role: profile.role, origin: from, profile })
}
