//! Carrying a session on: one refresh token for the next (RFC 9700 §4.14.2).
//!
//! The successor is computed from its predecessor, so the same predecessor can be answered again with the same successor: within the grace
//! time whatever happened, and later as long as nothing of the successor's generation came back. A reply lost on a sleeping laptop is no theft.

use std::sync::Arc;

use portreeve_database::{
    Transaction,
    session::{self, Rotation, Session},
    user::User,
};

use super::{Error, SignedIn, sign_in::signed_in};
use crate::{
    Origin,
    core::{Core, delta},
    events::Event,
    notifications::Job,
    tokens::RefreshToken,
};

enum Outcome {
    /// Here is the live token.
    Live(Box<(User, Session, RefreshToken)>),
    /// Nothing to carry on.
    Over,
    /// Someone else had the successor already: the family is ended.
    Reused,
}

pub(super) async fn refresh(core: &Arc<Core>, from: &Origin, token: &str) -> Result<SignedIn, Error> {
    let token = RefreshToken::decode(&core.ring, token).ok_or(Error::SessionOver)?;
    let (shared, from_there) = (core.clone(), from.clone());
    let outcome = core.database.write(async move |transaction| exchange(&shared, &transaction, &from_there, &token).await).await?;
    match outcome {
        Outcome::Live(live) => signed_in(core, from, &live.0, &live.1, &live.2),
        Outcome::Over | Outcome::Reused => Err(Error::SessionOver),
    }
}

async fn exchange(core: &Core, transaction: &Transaction, from: &Origin, token: &RefreshToken) -> Result<Outcome, Error> {
    let now = core.now();
    // Twice at most: when another node rotates between the read and the swap, its result is what the second read finds.
    for _ in 0..2 {
        let Some((session, user)) = session::find_with_user(transaction, token.session).await? else { return Ok(Outcome::Over) };
        let usable = session.ended_at.is_none()
            && session.expires_at > now
            && session.last_seen_at > core.idle_since()
            && user.disabled_at.is_none();
        if !usable {
            return Ok(Outcome::Over);
        }
        let successor = token.successor(&core.ring);
        if token.generation == session.generation && token.hash() == session.refresh_hash {
            let rotation = Rotation {
                from: session.generation,
                previous_hash: token.hash(),
                refresh_hash: successor.hash(),
                now,
                address: from.address.to_canonical().to_string(),
                user_agent: from.stored_user_agent(),
            };
            if session::rotate(transaction, session.id, rotation).await? {
                return Ok(Outcome::Live(Box::new((user, session, successor))));
            }
        } else if may_be_answered_again(core, &session, token) {
            return Ok(Outcome::Live(Box::new((user, session, successor))));
        } else {
            return reused(core, transaction, &session).await;
        }
    }
    Ok(Outcome::Over)
}

/// Whether this is the predecessor, and its answer may have been lost.
fn may_be_answered_again(core: &Core, session: &Session, token: &RefreshToken) -> bool {
    let is_predecessor = token.generation + 1 == session.generation && session.previous_hash.as_deref() == Some(token.hash().as_slice());
    let in_grace = core.now() - session.rotated_at <= delta(core.settings.tokens.reuse_grace);
    let seen = session.seen_generation.max(core.presence.generation(session.id).unwrap_or(-1));
    is_predecessor && (in_grace || seen < session.generation)
}

async fn reused(core: &Core, transaction: &Transaction, session: &Session) -> Result<Outcome, Error> {
    session::end(transaction, session.user_id, session.id, core.now()).await?;
    core.append(transaction, Event::session("session.refresh_token_reused", session.id, session.user_id)).await?;
    core.queue(transaction, &Job::SessionReuse { user: session.user_id, device: crate::sessions::describe(&session.user_agent) }).await?;
    tracing::warn!(session = %session.id, user = %session.user_id, "a refresh token was used twice; the session is ended");
    Ok(Outcome::Reused)
}
