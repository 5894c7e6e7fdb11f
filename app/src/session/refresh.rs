//! Renewing the access token: once for all tabs, and patiently.

use std::time::Duration;

use leptos::task::spawn_local;
use portreeve_contract::ErrorKind;

use super::{lock, store};
use crate::{
    api,
    browser::{sleep, within},
    error::ApiError,
};

/// Tries before the page is told that the server cannot be reached; the page then tries again by itself, less often.
const TRIES: u32 = 4;
/// An answer that takes longer is not coming, and the other tabs wait for the lock.
const PATIENCE: Duration = Duration::from_secs(15);
/// Browser storage reaches a tab in another process a little later than the lock does. A tab that reads too early would refresh again.
const SPREADS: Duration = Duration::from_millis(100);

/// A token to send, renewed if it is about to expire.
///
/// # Errors
/// Nobody is signed in, the session is over, or the server cannot be reached for now. Only the first two sign the person out.
pub(super) async fn token() -> Result<String, ApiError> {
    match store::token() {
        Some(token) if store::is_fresh(&token) => Ok(token),
        Some(token) => renew(&token).await,
        None => Err(ApiError::signed_out()),
    }
}

/// A token other than `stale`, which the server refused or soon will.
pub(super) async fn renew(stale: &str) -> Result<String, ApiError> {
    let held = lock::hold(super::LOCK).await;
    // Whoever held the lock before may have done the work, or signed out.
    match store::token() {
        None => return Err(ApiError::signed_out()),
        Some(token) if token != stale && store::is_fresh(&token) => return Ok(token),
        Some(_) => {}
    }
    let mut last = ApiError::unreachable();
    for attempt in 0..TRIES {
        if attempt > 0 {
            sleep(backoff(attempt, js_sys::Math::random())).await;
        }
        // A sign-out may have come meanwhile, in this tab or another.
        if store::owes_sign_out() || store::token().is_none() {
            return Err(ApiError::signed_out());
        }
        match within(PATIENCE, api::auth::refresh()).await {
            Some(Ok(token)) if store::token().is_some() => {
                store::keep(&token);
                // The lock is let go later; this tab need not wait for that.
                spawn_local(async move {
                    sleep(SPREADS).await;
                    drop(held);
                });
                return Ok(token.access_token);
            }
            Some(Ok(_)) => return Err(ApiError::signed_out()),
            Some(Err(error)) if is_over(&error) => {
                super::over();
                return Err(error);
            }
            Some(Err(error)) => last = error,
            None => last = ApiError::unreachable(),
        }
    }
    Err(if last.is_passing() { last } else { ApiError::unreachable() })
}

/// The one answer that ends a session here. Anything else may be a proxy, a restart or a lost connection.
fn is_over(error: &ApiError) -> bool {
    error.0.kind == ErrorKind::Unauthenticated && error.0.code == "session_over"
}

/// Half to one and a half times 0.4 s, 0.8 s, 1.6 s, …, so that tabs and people do not come back all at once.
fn backoff(attempt: u32, random: f64) -> Duration {
    Duration::from_millis(200 << attempt.min(6)).mul_f64(0.5 + random)
}

#[cfg(test)]
mod tests {
    use super::*;
    use portreeve_contract::Problem;

    #[test]
    fn only_one_answer_ends_a_session() {
        assert!(is_over(&Problem::new(ErrorKind::Unauthenticated, "session_over", "").into()));
        assert!(!is_over(&Problem::new(ErrorKind::Unauthenticated, "unauthenticated", "").into()));
        assert!(!is_over(&Problem::new(ErrorKind::Internal, "session_over", "").into()));
        assert!(!is_over(&ApiError::unreachable()));
    }

    #[test]
    fn waits_grow_and_are_spread() {
        assert_eq!(backoff(1, 0.5), Duration::from_millis(400));
        assert_eq!(backoff(3, 0.0), Duration::from_millis(800));
        assert_eq!(backoff(40, 0.5), Duration::from_millis(12_800));
    }
}
