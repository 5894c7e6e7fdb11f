//! From an access token to a caller.

use portreeve_contract::user::Profile;

use super::Error;
use crate::{Caller, Credential, Origin, core::Core};

pub(super) async fn authenticate(core: &Core, from: Origin, token: &str) -> Result<Caller, Error> {
    let claims = core.access_tokens.verify(core, token).await?;
    // The rows, each time: what was revoked, disabled or demoted a moment ago is so now, whoever did it.
    let found = core.sessions.find(claims.sid).await?.ok_or(Error::InvalidToken)?;
    let now = core.now();
    let valid = found.user_id == claims.sub && found.ended_at.is_none() && found.expires_at > now && found.disabled_at.is_none();
    if !valid || claims.generation > found.generation {
        return Err(Error::InvalidToken);
    }
    core.presence.note(found.id, claims.generation, now);
    let profile = Profile {
        id: found.user_id,
        name: found.name,
        email: found.email,
        email_verified: found.email_verified_at.is_some(),
        pending_email: found.pending_email,
        role: found.role.into(),
        created_at: found.created_at,
        version: u64::try_from(found.version).unwrap_or_default(),
    };
    Ok(Caller { user: profile.id, credential: Credential::Session(found.id), role: profile.role, origin: from, profile })
}
