//! Time, injected, so that tests move it instead of waiting.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Where “now” comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's wall clock.
    System,
    /// Stands still until told to move.
    Manual(Manual),
}

/// A clock for tests; clones share the time.
#[derive(Clone, Debug)]
pub struct Manual(Arc<AtomicI64>);

impl Clock {
    /// The time in whole microseconds, which is what PostgreSQL keeps.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
            Self::System => whole_micros(Utc::now().timestamp_micros()),
            Self::Manual(manual) => whole_micros(manual.0.load(Ordering::Acquire)),
        }
    }
}

impl Manual {
    /// Starts at `time`.
    pub fn at(time: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(time.timestamp_micros())))
    }

    /// Moves on, for every clone.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_microseconds().unwrap_or(i64::MAX / 4), Ordering::AcqRel);
    }
}

fn whole_micros(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
}
