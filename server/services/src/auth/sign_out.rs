//! Signing out here.

use std::sync::Arc;

use portreeve_database::session;

use super::Error;
use crate::{core::Core, events::Event, tokens::RefreshToken};

pub(super) async fn sign_out(core: &Arc<Core>, token: &str) -> Result<(), Error> {
    let Some(token) = RefreshToken::decode(&core.ring, token) else { return Ok(()) };
    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            // Any genuine token of the family will do: ending a session twice, or with an old token, harms nobody.
            if let Some(session) = session::find(&transaction, token.session).await?
                && session::end(&transaction, session.user_id, session.id, shared.now()).await?
            {
                shared.append(&transaction, Event::session("session.signed_out", session.id, session.user_id)).await?;
            }
            Ok(())
        })
        .await
}
