use std::time::Duration;

use super::Rate;
use crate::read::{Conflict, Named, settings};
use crate::values::{DAY, MINUTE, SECOND, within};

settings! {
    /// Which plan is whose.
    pub struct RequestThrottle {
        /// Whether requests are counted at all.
        enabled: bool,
        /// The plan of a network address, whoever calls from there.
        address: String,
        /// The plan of a member's account.
        member: String,
        /// The plan of an administrator's account.
        admin: String,
        /// The plan of a key for machines that was given no other.
        key: String,
    }
}

settings! {
    /// How many requests, by one rate for all, and perhaps others within it.
    pub struct Plan {
        /// How many there may be, on and on, in `per`.
        requests: u32 => within(1..=1_000_000),
        /// The time for them.
        per: Duration = MINUTE => within(SECOND..=DAY),
        /// How many of them may come at once.
        burst: u32 => within(1..=1_000_000),
        /// How many there may be in a day of UTC; 0 for as many as the rate gives.
        daily_quota: u32 = 0 => within(0..=4_000_000_000),
        /// Of these, signing in and what belongs to it.
        auth: Option<Rate>,
        /// Of these, what reads from the API.
        read: Option<Rate>,
        /// Of these, what changes something.
        write: Option<Rate>,
        /// Of these, what sends files.
        upload: Option<Rate>,
        /// Of these, what goes to services behind the gateway.
        upstream: Option<Rate>,
        /// Of these, pages and the functions that they call.
        page: Option<Rate>,
    }
}

/// Each plan that is named is there.
pub(super) fn are_there(throttle: &RequestThrottle, plans: &Named<Plan>) -> Result<(), Conflict> {
    const SETTINGS: &[&str] = &["throttle.address", "throttle.member", "throttle.admin", "throttle.key"];
    let named = [&throttle.address, &throttle.member, &throttle.admin, &throttle.key];
    for (at, (setting, plan)) in SETTINGS.iter().zip(named).enumerate() {
        if !plans.contains_key(plan) {
            let there_is = plans.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let message = format!("gateway.{setting} = {plan:?} is no plan. There is {there_is}; write [gateway.plan.{plan}] for another.");
            return Err((&SETTINGS[at..=at], message));
        }
    }
    Ok(())
}
