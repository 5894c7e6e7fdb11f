use std::time::Duration;

use crate::read::{settings, words};
use crate::values::{DAY, HOUR, SECOND, within};

settings! {
    /// Who may have an account, and how long their links are good for.
    pub struct Accounts {
        /// Whether strangers can make themselves an account.
        sign_up: SignUp,
        /// Whether an address must be proved before signing in.
        verification: Verification,
        /// Between asking for an account's deletion and its erasure; signing in cancels it.
        deletion_delay: Duration => within(SECOND..=90 * DAY),
        /// Of the link that proves an address.
        verification_lifetime: Duration => within(SECOND..=7 * DAY),
        /// Of the link that sets a new password.
        reset_lifetime: Duration => within(SECOND..=DAY),
        /// Of the link that makes the first administrator.
        setup_lifetime: Duration => within(SECOND..=24 * HOUR),
    }
}

words! {
    /// Whether strangers can make themselves an account.
    pub enum SignUp {
        /// Anybody can.
        "open" => Open,
        /// Administrators make accounts.
        "closed" => Closed,
    }
}

words! {
    /// Whether an address must be proved.
    pub enum Verification {
        /// A banner asks for it.
        "optional" => Optional,
        /// There is no signing in before.
        "required" => Required,
    }
}
