//! What is remembered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use moka::sync::Cache;
use parking_lot::Mutex;
use portreeve_contract::{SessionId, UserId};
use tokio::sync::Notify;

use super::{Concern, Counts, FRESH};
use crate::{api_key, session};

/// Sessions, and keys, that are remembered; each is a few hundred bytes. Beyond that those go that are asked for least.
const REMEMBERED: u64 = 50_000;
/// After this everything is read again. What an operator changes in the tables by hand tells of no event.
const LIFETIME: Duration = Duration::from_mins(1);

/// A number that grows whenever something is forgotten.
pub(crate) type Page = u64;

/// What this process remembers of callers.
#[derive(Debug)]
pub(crate) struct Memory {
    /// Held while something is forgotten, and while something is kept, so that nothing is kept that is out of date already.
    page: Mutex<Page>,
    /// The page on which each person was first written. What is kept of their sessions and keys counts as long as it says the same one here: to
    /// forget a person is to forget all of that.
    people: Cache<UserId, Page>,
    sessions: Cache<SessionId, (Page, Arc<session::Standing>)>,
    keys: Cache<[u8; 32], (Page, Arc<api_key::Standing>)>,
    fresh: Fresh,
    hits: AtomicU64,
    misses: AtomicU64,
    /// Rings when there is something to hear.
    pub(super) woken: Notify,
}

impl Default for Memory {
    fn default() -> Self {
        Self::of(REMEMBERED, LIFETIME)
    }
}

impl Memory {
    fn of(capacity: u64, lifetime: Duration) -> Self {
        Self {
            page: Mutex::default(),
            people: Cache::builder().max_capacity(capacity).time_to_live(lifetime).build(),
            sessions: Cache::builder().max_capacity(capacity).time_to_live(lifetime).build(),
            keys: Cache::builder().max_capacity(capacity).time_to_live(lifetime).build(),
            fresh: Fresh::never(),
            hits: AtomicU64::default(),
            misses: AtomicU64::default(),
            woken: Notify::default(),
        }
    }

    /// The session, if it is remembered at this generation or a later one.
    pub(crate) fn session(&self, id: SessionId, generation: i64) -> Option<Arc<session::Standing>> {
        let known = self.is_fresh().then(|| self.sessions.get(&id)).flatten();
        self.count(known.filter(|(page, known)| known.generation >= generation && self.is_on(*page, known.user_id)))
    }

    /// The key, if it is remembered.
    pub(crate) fn key(&self, hash: &[u8; 32]) -> Option<Arc<api_key::Standing>> {
        let known = self.is_fresh().then(|| self.keys.get(hash)).flatten();
        self.count(known.filter(|(page, known)| self.is_on(*page, known.user_id)))
    }

    /// To be taken before something is read that is to be kept. There is none while nothing would be: what was kept would count for nothing.
    pub(crate) fn page(&self) -> Option<Page> {
        self.is_fresh().then(|| *self.page.lock())
    }

    /// Remembers what was read after `page` was taken, unless anything was forgotten since.
    pub(crate) fn keep_session(&self, page: Option<Page>, found: &Arc<session::Standing>) {
        self.keep(page, found.user_id, |page| self.sessions.insert(found.id, (page, found.clone())));
    }

    /// As [`Self::keep_session`].
    pub(crate) fn keep_key(&self, page: Option<Page>, hash: [u8; 32], found: &Arc<api_key::Standing>) {
        self.keep(page, found.user_id, |page| self.keys.insert(hash, (page, found.clone())));
    }

    fn keep(&self, page: Option<Page>, user: UserId, insert: impl FnOnce(Page)) {
        let current = self.page.lock();
        if page == Some(*current) {
            insert(self.people.get_with(user, || *current));
        }
    }

    /// Whether what was written on `page` of a person still counts.
    fn is_on(&self, page: Page, user: UserId) -> bool {
        self.people.get(&user) == Some(page)
    }

    /// Forgets these; whoever is reading them does not keep what they find.
    pub(crate) fn forget(&self, concerns: impl Iterator<Item = Concern>) {
        let mut concerns = concerns.peekable();
        if concerns.peek().is_none() {
            return;
        }
        let mut page = self.page.lock();
        *page += 1;
        for concern in concerns {
            match concern {
                Concern::User(id) => self.people.invalidate(&id),
                Concern::Session(id) => self.sessions.invalidate(&id),
            }
        }
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        let mut page = self.page.lock();
        *page += 1;
        self.people.invalidate_all();
    }

    /// Whether this process hears of changes.
    pub(crate) fn is_fresh(&self) -> bool {
        self.fresh.is_so(Instant::now())
    }

    /// Everything that was committed before `began` is taken into account.
    pub(crate) fn is_true_as_of(&self, began: Instant) {
        self.fresh.as_of(began);
    }

    fn count<T>(&self, known: Option<(Page, T)>) -> Option<T> {
        let counter = if known.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        known.map(|(_, known)| known)
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts { hits: self.hits.load(Ordering::Relaxed), misses: self.misses.load(Ordering::Relaxed) }
    }
}

/// Until when what is remembered counts, in microseconds of the machine's own running time: its wall clock may be set back.
#[derive(Debug)]
struct Fresh {
    origin: Instant,
    until: AtomicU64,
}

impl Fresh {
    fn never() -> Self {
        Self { origin: Instant::now(), until: AtomicU64::new(0) }
    }

    fn as_of(&self, began: Instant) {
        self.until.store(self.micros(began + FRESH), Ordering::Release);
    }

    fn is_so(&self, now: Instant) -> bool {
        self.micros(now) < self.until.load(Ordering::Acquire)
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.origin).as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests;
