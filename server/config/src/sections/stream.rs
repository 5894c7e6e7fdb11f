use std::time::Duration;

use crate::read::settings;
use crate::values::{DAY, HOUR, MINUTE, SECOND, within};

settings! {
    /// How long events are kept.
    pub struct Stream {
        /// After this an event is forgotten, unless some consumer has still to read it.
        max_age: Duration => within(HOUR..=3650 * DAY),
    }
}

settings! {
    /// Work that is done beside requests.
    pub struct Worker {
        /// Files stored at the same time by one process.
        parallelism: usize => within(1..=256),
        /// How often an event is tried before it becomes a dead letter.
        tries: u32 => within(1..=100),
        /// The pause after the first failure; each later one is twice as long.
        first_pause: Duration => within(SECOND / 100..=HOUR),
        /// The longest pause.
        longest_pause: Duration => within(SECOND / 100..=DAY),
        /// How long a worker that says nothing is taken to be at work.
        lease: Duration => within(SECOND / 2..=10 * MINUTE),
    }
}
