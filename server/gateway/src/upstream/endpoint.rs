//! One address of a target: how busy it is, and whether it is well.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{HeaderValue, Uri, uri::Authority};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::connections::Connections;

/// Where a request can go.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// The target as the operator wrote it, for logs.
    pub(super) origin: Uri,
    /// The address itself.
    pub(super) authority: Authority,
    /// What it is asked as.
    pub(super) host: HeaderValue,
    pub(super) connections: Connections,
    /// Failures in a row that open the circuit, and for how long.
    limit: u32,
    rest: Duration,
    active: AtomicUsize,
    failures: AtomicU32,
    /// The circuit is open until then; after that one request tries.
    open_until: Mutex<Option<Instant>>,
    /// What the last health check said, if there are any.
    well: AtomicBool,
    /// Its name leads elsewhere by now; what is under way there goes on.
    gone: AtomicBool,
}

impl Endpoint {
    pub(super) fn new(origin: Uri, authority: Authority, host: HeaderValue, connections: Connections, limit: u32, rest: Duration) -> Self {
        Self {
            origin,
            authority,
            host,
            connections,
            limit,
            rest,
            active: AtomicUsize::new(0),
            failures: AtomicU32::new(0),
            open_until: Mutex::new(None),
            well: AtomicBool::new(true),
            gone: AtomicBool::new(false),
        }
    }

    /// Requests under way.
    pub(super) fn active(&self) -> usize {
        self.active.load(Ordering::Relaxed)
    }

    /// Whether a request may go there now.
    pub(super) fn is_open_to(&self, now: Instant) -> bool {
        self.well.load(Ordering::Relaxed) && self.open_until.lock().is_none_or(|until| until <= now)
    }

    /// It will get no requests any more.
    pub(super) fn dismiss(&self) {
        self.gone.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Takes a place, unless the one request that tries after a rest is under way.
    pub(super) fn take(self: &Arc<Self>, now: Instant) -> Option<Lease> {
        let mut open_until = self.open_until.lock();
        match *open_until {
            Some(until) if until > now => return None,
            Some(_) => *open_until = Some(now + self.rest),
            None => {}
        }
        drop(open_until);
        self.active.fetch_add(1, Ordering::Relaxed);
        Some(Lease(self.clone()))
    }

    /// An answer came.
    pub(super) fn succeeded(&self) {
        self.failures.store(0, Ordering::Relaxed);
        if self.open_until.lock().take().is_some() {
            tracing::info!(target = %self.origin, address = %self.authority, "an upstream's target answers again");
        }
    }

    /// None came, or one that says that the service behind it is not there.
    pub(super) fn failed(&self) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures < self.limit {
            return;
        }
        let before = self.open_until.lock().replace(Instant::now() + self.rest);
        if before.is_none() {
            tracing::warn!(target = %self.origin, address = %self.authority, failures, rest = ?self.rest, "an upstream's target fails and gets a rest");
        }
    }

    /// What a health check found. One that was ill and is well begins anew; of one that was well all along, requests know better whether it answers them.
    pub(super) fn checked(&self, well: bool) {
        if self.well.swap(well, Ordering::Relaxed) == well {
            return;
        }
        tracing::warn!(target = %self.origin, address = %self.authority, well, "the health of an upstream's target changed");
        if well {
            self.failures.store(0, Ordering::Relaxed);
            *self.open_until.lock() = None;
        }
    }
}

/// A place at an endpoint, given back when dropped.
#[derive(Debug)]
pub(super) struct Lease(pub(super) Arc<Endpoint>);

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}
