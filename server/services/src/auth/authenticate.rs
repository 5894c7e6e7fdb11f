//! From an access token to a caller.

use super::Error;
use crate::{Caller, Origin, core::Core, users::profile};

pub(super) async fn authenticate(core: &Core, from: Origin, token: &str) -> Result<Caller, Error> {
    let claims = core.access_tokens.verify(core, token).await?;
    // The rows, each time: what was revoked, disabled or demoted a moment ago is so now, whoever did it.
    let (session, user) = core.sessions.find(claims.sid).await?.ok_or(Error::InvalidToken)?;
    let now = core.now();
    let valid = session.user_id == claims.sub && session.ended_at.is_none() && session.expires_at > now && user.disabled_at.is_none();
    if !valid || claims.generation > session.generation {
        return Err(Error::InvalidToken);
    }
    core.presence.note(session.id, claims.generation, now);
    let profile = profile::of(user);
    Ok(Caller { user: profile.id, session: session.id, role: profile.role, origin: from, profile })
}
