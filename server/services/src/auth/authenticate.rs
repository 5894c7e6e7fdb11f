//! From an access token to a caller.

use chrono::{DateTime, Utc};
use portreeve_contract::UserId;
use portreeve_database::{DbErr, session::Standing, user::Person};

use super::Error;
use crate::{Caller, Credential, Origin, api_keys, core::Core, users::profile};

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

/// Whether a session or a key goes on, whatever became of the token that came with it. Nor does it with another role: whoever was told of the one may go
/// by it.
pub(crate) async fn goes_on(core: &Core, caller: &Caller) -> Result<bool, DbErr> {
    let (standings, now) = (&core.standings, core.now());
    let has_same_role = |person: &Person| profile::of_person(caller.user, person).role == caller.role;
    match &caller.credential {
        Credential::Session(id) => {
            let found = standings.of_session(*id, 0).await?;
            Ok(found.is_some_and(|found| is_good(&found, caller.user, now) && has_same_role(&found.person)))
        }
        Credential::ApiKey { hash, .. } => {
            let found = standings.of_key(*hash).await?;
            Ok(found.is_some_and(|found| api_keys::is_good(&found, now) && has_same_role(&found.person)))
        }
    }
}

fn is_good(session: &Standing, user: UserId, now: DateTime<Utc>) -> bool {
    session.user_id == user && session.ended_at.is_none() && session.expires_at > now && session.person.disabled_at.is_none()
}
