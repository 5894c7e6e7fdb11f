use std::time::Duration;

use crate::read::{Conflict, settings};
use crate::values::{DAY, HOUR, MINUTE, SECOND, show_duration, within};

settings! {
    /// How long a sign-in lasts.
    pub struct Tokens {
        /// Of an access token.
        access_lifetime: Duration => within(SECOND..=HOUR),
        /// Of a session, however much it is used.
        refresh_lifetime: Duration => within(10 * SECOND..=366 * DAY),
        /// Of a session that is not used.
        refresh_idle: Duration => within(10 * SECOND..=366 * DAY),
        /// How long a refresh token answers again after its first use (RFC 9700 §4.14.2).
        reuse_grace: Duration => within(Duration::ZERO..=MINUTE),
        /// Whether a caller's session and account are remembered for as long as every change of them is heard of.
        cache_callers: bool,
    }
    check = in_order;
}

fn in_order(tokens: &Tokens) -> Result<(), Conflict> {
    let too_long = |keys, name: &str, is, other: &str, other_is| {
        let (is, other_is) = (show_duration(is), show_duration(other_is));
        Err((
            keys,
            format!("tokens.{name} = \"{is}\" cannot be longer than tokens.{other}, which is \"{other_is}\". Change one of the two."),
        ))
    };
    if tokens.access_lifetime > tokens.refresh_idle {
        let keys: &[_] = &["access_lifetime", "refresh_idle"];
        return too_long(keys, "access_lifetime", tokens.access_lifetime, "refresh_idle", tokens.refresh_idle);
    }
    if tokens.refresh_idle > tokens.refresh_lifetime {
        let keys: &[_] = &["refresh_idle", "refresh_lifetime"];
        return too_long(keys, "refresh_idle", tokens.refresh_idle, "refresh_lifetime", tokens.refresh_lifetime);
    }
    Ok(())
}
