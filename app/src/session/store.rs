//! What browser storage keeps. Reading it never fails: a browser that forbids storage is one in which nobody is signed in.

use portreeve_contract::auth::AccessToken;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use crate::browser;

/// The access token, a JWT.
pub(super) const TOKEN: &str = "portreeve.access_token";
/// From when until when the token is good by this computer's clock.
const SPAN: &str = "portreeve.access_token_span";
/// Set while the server has not heard of a sign-out.
const OWES_SIGN_OUT: &str = "portreeve.owes_sign_out";

/// Milliseconds by this computer's clock, which may be wrong: only differences are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Span {
    from: f64,
    until: f64,
}

impl Span {
    /// Still good for `spare` milliseconds. A time before `from` means that the clock was set back: better refresh.
    fn covers(self, now: f64, spare: f64) -> bool {
        (self.from..self.until - spare).contains(&now)
    }
}

/// The token, fresh or not.
pub(super) fn token() -> Option<String> {
    browser::kept(TOKEN)
}

/// Whether `token` will be good for a while yet.
pub(super) fn is_fresh(token: &str) -> bool {
    let now = js_sys::Date::now();
    let span = browser::kept::<Span>(SPAN).or_else(|| claims(token));
    // A fifth of the lifetime, 20 s at most, so that short-lived tokens are not renewed at each use.
    span.is_some_and(|span| span.covers(now, ((span.until - span.from) / 5.0).min(20_000.0)))
}

/// Keeps a token that has just been received.
pub(super) fn keep(token: &AccessToken) {
    let from = js_sys::Date::now();
    #[allow(clippy::cast_precision_loss, reason = "lifetimes are minutes")]
    let until = from + token.expires_in as f64 * 1000.0;
    // The span first: the token's storage event makes other tabs read both.
    browser::keep(SPAN, Span { from, until });
    browser::keep(TOKEN, &token.access_token);
}

/// Forgets the token, which tells the other tabs.
pub(super) fn forget() {
    browser::drop_kept(SPAN);
    browser::drop_kept(TOKEN);
}

/// Whether the server has not heard of a sign-out.
pub(super) fn owes_sign_out() -> bool {
    browser::kept(OWES_SIGN_OUT).unwrap_or(false)
}

/// Remembers whether the server has not heard of a sign-out.
pub(super) fn set_owes_sign_out(owes: bool) {
    if owes {
        browser::keep(OWES_SIGN_OUT, true);
    } else {
        browser::drop_kept(OWES_SIGN_OUT);
    }
}

/// `iat` and `exp` of a token that came without its time of receipt.
fn claims(token: &str) -> Option<Span> {
    let seconds = |name: &str| claim(token, name)?.as_f64();
    Some(Span { from: seconds("iat")? * 1000.0, until: seconds("exp")? * 1000.0 })
}

/// `sub`: whose token it is.
pub(super) fn subject(token: &str) -> Option<String> {
    claim(token, "sub")?.as_string()
}

/// One claim of a JWT. Not verified: the server does that.
fn claim(token: &str, name: &str) -> Option<JsValue> {
    let payload = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
    let json = leptos::prelude::window().atob(&payload).ok()?;
    js_sys::Reflect::get(&js_sys::JSON::parse(&json).ok()?, &JsValue::from_str(name)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_asks_for_a_refresh() {
        let span = Span { from: 1_000.0, until: 301_000.0 };
        assert!(span.covers(1_000.0, 20_000.0));
        assert!(span.covers(280_000.0, 20_000.0));
        assert!(!span.covers(281_000.0, 20_000.0));
        assert!(!span.covers(999.0, 20_000.0));
    }
}
