//! Randomness, injected, so that tests repeat.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

/// Where random bytes come from.
#[derive(Clone, Debug)]
pub enum Random {
    /// A cryptographically secure generator seeded by the operating system.
    System,
    /// Always the same bytes for the same seed; for tests.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Random {
    /// For tests.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Fresh random bytes, fit for secrets.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is where randomness comes from")]
            Self::System => rand::rng().fill_bytes(&mut bytes),
            Self::Seeded(generator) => generator.lock().fill_bytes(&mut bytes),
        }
        bytes
    }

    /// A UUID v7 (RFC 9562 §5.7).
    pub fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}
