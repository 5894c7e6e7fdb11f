//! From an access token to a caller.

use chrono::{DateTime, Utc};
use portreeve_contract::{SessionId, UserId};
use portreeve_database::session::Standing;

use super::Error;
use crate::{Caller, Credential, Origin, core::Core, users::profile};

pub(super) async fn authenticate(core: &Core, from: Origin, token: &str) -> Result<Caller, Error> {
    let claims = core.access_tokens.verify(core, token).await?;
    // As things are now, never as the token says: what was revoked, disabled or demoted is so, whoever did it.
    let found = core.standings.of_session(claims.sid, claims.generation).await?.ok_or(Error::InvalidToken)?;
    let now = core.now();
    if !is_good(&found, claims.sub, now) || claims.generation > found.generation {
        return Err(Error::InvalidToken);
    }
    core.presence.note(found.id, claims.generation, now);
    let profile = profile::of_person(found.user_id, &found.person);
    Ok(Caller { user: profile.id, credential: Credential::Session(found.id), role: profile.role, origin: from, profile })
}

/// Whether a session goes on, whatever became of the token that came with it.
pub(super) async fn goes_on(core: &Core, user: UserId, session: SessionId) -> Result<bool, Error> {
    let found = core.standings.of_session(session, 0).await?;
    Ok(found.is_some_and(|found| is_good(&found, user, core.now())))
}

fn is_good(session: &Standing, user: UserId, now: DateTime<Utc>) -> bool {
    session.user_id == user && session.ended_at.is_none() && session.expires_at > now && session.person.disabled_at.is_none()
}
