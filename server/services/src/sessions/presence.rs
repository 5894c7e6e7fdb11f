//! Who was seen, gathered in memory and written once in a while, so that reading costs no write.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use portreeve_contract::SessionId;

/// How finely “last seen” is told.
const GRAIN: TimeDelta = TimeDelta::minutes(1);
/// After this without a word a session is not remembered here; its row tells the rest.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::minutes(10);

/// What came back from a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) generation: i64,
    pub(crate) at: DateTime<Utc>,
    written: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Presence(Mutex<HashMap<SessionId, Seen>>);

impl Presence {
    /// Notes an access token of `generation` in use.
    pub(crate) fn note(&self, id: SessionId, generation: i64, at: DateTime<Utc>) {
        let mut seen = self.0.lock();
        let entry = seen.entry(id).or_insert(Seen { generation: -1, at, written: true });
        if generation > entry.generation || at - entry.at >= GRAIN {
            *entry = Seen { generation: generation.max(entry.generation), at: at.max(entry.at), written: false };
        }
    }

    /// The latest generation of which anything came back to this process.
    pub(crate) fn generation(&self, id: SessionId) -> Option<i64> {
        self.0.lock().get(&id).map(|seen| seen.generation)
    }

    pub(crate) fn last_seen(&self, id: SessionId) -> Option<DateTime<Utc>> {
        self.0.lock().get(&id).map(|seen| seen.at)
    }

    /// What is to be written; also forgets the silent.
    pub(crate) fn take_unwritten(&self, now: DateTime<Utc>) -> Vec<(SessionId, Seen)> {
        let mut seen = self.0.lock();
        let unwritten = seen.iter_mut().filter(|(_, seen)| !seen.written).map(|(id, seen)| {
            seen.written = true;
            (*id, *seen)
        });
        let unwritten = unwritten.collect();
        seen.retain(|_, seen| now - seen.at < FORGOTTEN_AFTER);
        unwritten
    }
}
