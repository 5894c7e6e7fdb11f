//! Who is signed in here: the access token in browser storage, renewed once for all tabs, dropped everywhere at once.
//!
//! The server cannot see browser storage. There, presence is [`Presence::Unknown`], pages show their skeleton, and nothing in this
//! module but [`Session::provide`] is called. In the browser it stays unknown until the whole page is hydrated ([`start`]): a piece that
//! came late would otherwise be compared with what the server rendered when it already shows something else.

mod bearer;
mod lock;
mod refresh;
mod store;
mod watch;

use std::cell::Cell;

use leptos::prelude::*;
use portreeve_contract::auth::AccessToken;

pub use bearer::Bearer;

use crate::{api, error::ApiError};

/// The one lock under which the refresh cookie is used.
const LOCK: &str = "portreeve.refresh";

/// Whether somebody is signed in in this browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Storage has not been looked at: on the server, and until hydration is over.
    Unknown,
    /// Nobody.
    Out,
    /// Somebody: there is a token. Whether it is still good, the server says.
    In,
}

/// Why a page that needs sign-in sent somebody away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// They signed out, here or in another tab.
    SignedOut,
    /// The server says that the session is over.
    Over,
}

/// The reactive side of the token store.
#[derive(Clone, Copy)]
pub struct Session {
    presence: RwSignal<Presence>,
    ended: RwSignal<Option<Ended>>,
}

thread_local! {
    // The bearer client is a type without a value, so it finds the page's session here. Set in the browser only.
    static CURRENT: Cell<Option<Session>> = const { Cell::new(None) };
}

impl Session {
    /// Puts a session into context.
    pub fn provide() -> Self {
        let session = Self { presence: RwSignal::new(Presence::Unknown), ended: RwSignal::new(None) };
        provide_context(session);
        session
    }

    /// Whether somebody is signed in; reactive.
    pub fn presence(self) -> Presence {
        self.presence.get()
    }

    /// Why the last session ended.
    pub fn ended(self) -> Option<Ended> {
        self.ended.get_untracked()
    }

    /// Why the last session ended, told once.
    pub fn take_ended(self) -> Option<Ended> {
        let ended = self.ended.get_untracked();
        self.ended.set(None);
        ended
    }

    /// Reads storage again.
    fn look(self) {
        let now = if store::token().is_some() { Presence::In } else { Presence::Out };
        if self.presence.get_untracked() != now {
            if self.presence.get_untracked() == Presence::In && self.ended.get_untracked().is_none() {
                self.ended.set(Some(Ended::SignedOut));
            }
            self.presence.set(now);
        }
    }

    /// Loads again what is known of the person who is signed in.
    pub fn reload(self) {
        self.presence.notify();
    }

    /// Somebody else may be signed in now: what was loaded for the one before must go.
    fn changed_hands(self) {
        if store::token().is_some() {
            self.presence.set(Presence::Unknown);
        }
        self.look();
    }
}

/// The access token, for what no server function can carry; renewed if it is about to expire.
///
/// # Errors
/// Nobody is signed in, the session is over, or the server cannot be reached for now.
pub(crate) async fn token() -> Result<String, ApiError> {
    refresh::token().await
}

/// Another token than `stale`, which the server has refused.
///
/// # Errors
/// Those of [`token`].
pub(crate) async fn renew(stale: &str) -> Result<String, ApiError> {
    refresh::renew(stale).await
}

/// Looks at storage and follows it from now on. Called in the browser once the page is hydrated, as the owner of the application.
///
/// # Panics
/// Where no session has been provided.
pub fn start() {
    let session = expect_context::<Session>();
    CURRENT.set(Some(session));
    session.look();
    watch::start(session);
}

/// Keeps a token that the server has just given.
pub fn keep(token: &AccessToken) {
    store::keep(token);
    store::set_owes_sign_out(false);
    if let Some(session) = CURRENT.get() {
        session.ended.set(None);
        session.look();
    }
}

/// Forgets the token because the server said that its session is over.
pub fn over() {
    store::forget();
    if let Some(session) = CURRENT.get() {
        session.ended.set(Some(Ended::Over));
        session.look();
    }
}

/// Forgets the token because it is no use any more and the server knows: after signing out everywhere, or deleting the account.
pub fn forget() {
    store::forget();
    if let Some(session) = CURRENT.get() {
        session.ended.set(Some(Ended::SignedOut));
        session.look();
    }
}

/// Signs out, in all tabs at once and without a network too: until the server has heard of it, nothing here refreshes.
pub async fn sign_out() {
    store::set_owes_sign_out(true);
    forget();
    deliver_sign_out().await;
}

/// Tells the server of a sign-out that it may not have heard of. Tried again when the network is back and when a page is opened.
pub async fn deliver_sign_out() {
    if !store::owes_sign_out() {
        return;
    }
    // Another tab may be delivering it, and may go on to sign somebody in: never end that session by mistake.
    let _held = lock::hold(LOCK).await;
    if store::owes_sign_out() && api::auth::sign_out().await.is_ok() {
        store::set_owes_sign_out(false);
    }
}

/// Signs in with what `attempt` asks the server, after a sign-out that is still owed has been delivered: the new cookie would
/// overwrite the only thing that can end the old session.
pub async fn enter<T>(
    attempt: impl Future<Output = Result<T, ApiError>>,
    token: impl Fn(&T) -> Option<&AccessToken>,
) -> Result<T, ApiError> {
    deliver_sign_out().await;
    let answer = attempt.await?;
    if let Some(token) = token(&answer) {
        keep(token);
        if store::token().is_none() {
            return Err(ApiError::nothing_kept());
        }
    }
    Ok(answer)
}
