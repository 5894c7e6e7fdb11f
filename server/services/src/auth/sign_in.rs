//! Signing in with an e-mail address and a password.

use std::sync::Arc;

use portreeve_contract::{SessionId, auth::Credentials};
use portreeve_database::{
    Transaction,
    session::{self, Session},
    user::{self, User},
};
use tracing::Instrument;

use super::{Error, SignedIn, throttle};
use crate::{
    Origin,
    core::{Core, delta},
    events::Event,
    notifications::Job,
    passwords::Verdict,
    tokens::RefreshToken,
};

pub(super) async fn sign_in(core: &Arc<Core>, from: &Origin, credentials: Credentials) -> Result<SignedIn, Error> {
    let email_key = credentials.email.trim().to_lowercase();
    core.throttle.password(core, from, &email_key).await?;
    let found = user::find_by_email(core.database.reader(), &email_key).await?;
    let verdict = core.passwords.verify(&credentials.password, found.as_ref().map(|user| user.password_hash.as_str())).await?;
    let must_be_verified = core.settings.accounts.verification_required;
    let (Some(user), Verdict::Right { rehashed }) = (found, verdict) else {
        return Err(if must_be_verified { Error::InvalidOrUnverified } else { Error::InvalidCredentials });
    };
    if user.disabled_at.is_some() {
        return Err(Error::Disabled);
    }
    if must_be_verified && user.email_verified_at.is_none() {
        send_another_link(core.clone(), user);
        return Err(Error::EmailUnverified);
    }

    let (shared, from_there) = (core.clone(), from.clone());
    let (user, session, token, account_kept) = core
        .database
        .write(async move |transaction| {
            // Read again, now that nobody else can write: the account may have been shut while the password was hashed.
            let current = user::find_for_update(&transaction, user.id).await?.ok_or(Error::InvalidCredentials)?;
            if current.disabled_at.is_some() || current.password_hash != user.password_hash {
                return Err(Error::InvalidCredentials);
            }
            if let Some(rehashed) = rehashed {
                user::rehash(&transaction, user.id, &user.password_hash, &rehashed).await?;
            }
            let account_kept = current.erase_at.is_some();
            let current = keep_account(&shared, &transaction, current).await?;
            let (session, token) = open(&shared, &transaction, &current, &from_there).await?;
            Ok((current, session, token, account_kept))
        })
        .await?;
    Ok(SignedIn { account_kept, ..signed_in(core, from, &user, &session, &token)? })
}

/// Signing in takes back one's wish to delete the account.
async fn keep_account(core: &Core, transaction: &Transaction, user: User) -> Result<User, Error> {
    if user.erase_at.is_none() {
        return Ok(user);
    }
    // The hash may just have been replaced; only what is read here is written back.
    let fresh = user::find_for_update(transaction, user.id).await?.ok_or(Error::InvalidCredentials)?;
    let kept = user::update(transaction, User { erase_at: None, ..fresh }).await?;
    core.append(transaction, Event::user("user.deletion_cancelled", kept.id, serde_json::json!({}))).await?;
    core.queue(transaction, &Job::DeletionCancelled { user: kept.id }).await?;
    Ok(kept)
}

/// By itself: how long it takes would tell that there is an account.
fn send_another_link(core: Arc<Core>, user: User) {
    let sending = async move {
        if core.throttle.mail_to(&user.email_key).await.is_err() {
            return;
        }
        let (shared, job) = (core.clone(), Job::VerifyEmail { user: user.id });
        let queued = core.database.write(async move |transaction| shared.queue(&transaction, &job).await).await;
        if let Err(error) = queued {
            tracing::error!(%error, "another link that verifies an address could not be queued");
        }
    };
    tokio::spawn(sending.in_current_span());
}

/// Opens a session in the transaction of what leads to it.
pub(super) async fn open(core: &Core, transaction: &Transaction, user: &User, from: &Origin) -> Result<(Session, RefreshToken), Error> {
    let now = core.now();
    let id = SessionId(core.random.uuid(now));
    let token = RefreshToken::first(id, core.random.bytes());
    let row = Session {
        id,
        user_id: user.id,
        generation: token.generation,
        refresh_hash: token.hash(),
        previous_hash: None,
        rotated_at: now,
        seen_generation: -1,
        user_agent: from.stored_user_agent(),
        address: from.address.to_canonical().to_string(),
        created_at: now,
        last_seen_at: now,
        expires_at: now + delta(core.settings.tokens.refresh_lifetime),
        ended_at: None,
    };
    let session = session::insert(transaction, row).await?;
    core.append(transaction, Event::session("session.opened", id, user.id)).await?;
    Ok((session, token))
}

/// What the browser gets.
pub(super) fn signed_in(core: &Core, from: &Origin, user: &User, session: &Session, token: &RefreshToken) -> Result<SignedIn, Error> {
    let left = (session.expires_at - core.now()).min(delta(core.settings.tokens.refresh_idle)).num_seconds();
    Ok(SignedIn {
        access_token: core.access_tokens.issue(core, user.id, user.role.into(), session.id, token.generation)?,
        refresh_token: token.encode(&core.ring),
        refresh_max_age: u64::try_from(left).unwrap_or_default(),
        device_token: throttle::device_token(core, from, &user.email_key),
        account_kept: false,
    })
}
