use std::time::Duration;

use crate::read::settings;
use crate::values::{DAY, within};

settings! {
    /// How often something may be tried.
    pub struct Throttle {
        /// Whether anything is throttled at all.
        enabled: bool,
        /// Passwords tried on one account: all devices that never signed in to it together, each other one by itself.
        account: Rate,
        /// Passwords and links tried, and mails asked for, from one address (IPv6: one /64), whichever the account.
        address: Rate,
        /// Mails asked for to one e-mail address.
        mails: Rate,
        /// Accounts made from one address.
        sign_up: Rate,
    }
}

settings! {
    /// A bucket: `burst` tries at once, and one more after each `every`.
    pub struct Rate {
        /// Tries that need no waiting.
        burst: u32 => within(1..=100_000),
        /// The time that gives one try back.
        every: Duration => within(Duration::from_millis(1)..=DAY),
    }
}
