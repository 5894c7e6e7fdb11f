//! From an access token to a caller.

use super::Error;
use crate::{Caller, Credential, Origin, core::Core, users::profile};

pub(super) async fn authenticate(core: &Core, from: Origin, token: &str) -> Result<Caller, Error> {
    let claims = core.access_tokens.verify(core, token).await?;
    // As things are now, never as the token says: what was revoked, disabled or demoted is so, whoever did it.
    let found = core.standings.of_session(claims.sid, claims.generation).await?.ok_or(Error::InvalidToken)?;
    let now = core.now();
    let valid = found.user_id == claims.sub && found.ended_at.is_none() && found.expires_at > now && found.person.disabled_at.is_none();
    if !valid || claims.generation > found.generation {
        return Err(Error::InvalidToken);
    }
    core.presence.note(found.id, claims.generation, now);
    let profile = profile::of_person(found.user_id, &found.person);
    Ok(Caller { user: profile.id, credential: Credential::Session(found.id), role: profile.role, origin: from, profile })
}
