//! How long a connection may make us wait.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

/// The limits of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For the first request, its TLS included.
    pub(super) first: Duration,
    /// For the next one.
    pub(super) next: Duration,
    /// For the client to read.
    pub(super) write: Duration,
    /// Bytes that it reads a second at least.
    pub(super) rate: u64,
}

/// Looks at one connection, and says when it has made us wait for too long. It knows neither what is said nor in which protocol.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    state: Arc<Mutex<State>>,
    patience: Patience,
}

#[derive(Debug)]
struct State {
    /// Requests that are not answered whole yet.
    busy: usize,
    /// Since when there is none.
    rests_since: Instant,
    has_asked: bool,
    /// Until when bytes may wait for the client to read.
    blocked_until: Option<Instant>,
    /// Parts of answers that are not passed on yet, and since when.
    pending: Vec<(u64, Instant)>,
    next_answer: u64,
    is_cut: bool,
    is_upgraded: bool,
}

impl Watch {
    pub(super) fn new(patience: Patience) -> Self {
        let state = State {
            busy: 0,
            rests_since: Instant::now(),
            has_asked: false,
            blocked_until: None,
            pending: Vec::new(),
            next_answer: 0,
            is_cut: false,
            is_upgraded: false,
        };
        Self { state: Arc::new(Mutex::new(state)), patience }
    }

    /// How long the client may not read.
    #[cfg(target_os = "linux")]
    pub(super) fn write_timeout(&self) -> Duration {
        self.patience.write
    }

    /// A request came.
    pub(super) fn begin(&self) -> Busy {
        let mut state = self.state.lock();
        state.busy += 1;
        state.has_asked = true;
        state.next_answer += 1;
        Busy { watch: self.clone(), answer: state.next_answer }
    }

    /// The system took no more bytes, until the client has read so many of those that it keeps: a player that reads as it plays takes minutes for a buffer
    /// of megabytes.
    pub(super) fn blocked(&self, unread: impl FnOnce() -> u64) {
        let mut state = self.state.lock();
        if state.blocked_until.is_none() {
            let at_rate = unread().checked_div(self.patience.rate).map_or(Duration::ZERO, Duration::from_secs);
            state.blocked_until = Some(Instant::now() + self.patience.write + at_rate);
        }
    }

    /// The system took some.
    pub(super) fn unblocked(&self) {
        let mut state = self.state.lock();
        if state.blocked_until.take().is_some() {
            // They could not be passed on meanwhile.
            let now = Instant::now();
            for (_, since) in &mut state.pending {
                *since = now;
            }
        }
    }

    /// Whether it was too long.
    pub(super) fn is_cut(&self) -> bool {
        self.state.lock().is_cut
    }

    /// It is no HTTP any more from here on.
    pub(super) fn upgraded(&self) {
        self.state.lock().is_upgraded = true;
    }

    /// Whether it is not.
    pub(super) fn is_upgraded(&self) -> bool {
        self.state.lock().is_upgraded
    }

    /// Returns when it is too long.
    pub(super) async fn overdue(&self) {
        loop {
            let now = Instant::now();
            let until = {
                let mut state = self.state.lock();
                let until = state.until(self.patience);
                if until.is_some_and(|until| until <= now) {
                    state.is_cut = true;
                    return;
                }
                // What begins to wait meanwhile is overdue no sooner.
                let soonest = now + self.patience.write.min(self.patience.next);
                until.map_or(soonest, |until| until.min(soonest))
            };
            tokio::time::sleep_until(until.into()).await;
        }
    }
}

impl State {
    fn until(&self, patience: Patience) -> Option<Instant> {
        let held_up = || self.pending.iter().map(|(_, since)| *since + patience.write).min();
        let unread = self.blocked_until.or_else(held_up);
        let rest = if self.has_asked { patience.next } else { patience.first };
        let resting = (self.busy == 0).then(|| self.rests_since + rest);
        unread.into_iter().chain(resting).min()
    }
}

/// A request that is not answered whole yet.
#[derive(Debug)]
pub(super) struct Busy {
    watch: Watch,
    answer: u64,
}

impl Busy {
    /// A part of its answer was handed over, to be passed on.
    pub(super) fn handed_over(&self) {
        let mut state = self.watch.state.lock();
        state.pending.push((self.answer, Instant::now()));
    }

    /// It was passed on: the next part is asked for.
    pub(super) fn passed_on(&self) {
        self.watch.state.lock().pending.retain(|(answer, _)| *answer != self.answer);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.watch.state.lock();
        state.pending.retain(|(answer, _)| *answer != self.answer);
        state.busy -= 1;
        if state.busy == 0 {
            state.rests_since = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience =
        Patience { first: Duration::from_secs(10), next: Duration::from_mins(1), write: Duration::from_secs(30), rate: 1000 };

    fn wait(watch: &Watch) -> Option<u64> {
        let state = watch.state.lock();
        // Whole seconds, rounded: the test itself takes some time.
        state.until(PATIENCE).map(|until| (until - Instant::now() + Duration::from_millis(900)).as_secs())
    }

    #[test]
    fn each_kind_of_waiting_has_its_end() {
        let watch = Watch::new(PATIENCE);
        assert_eq!(wait(&watch), Some(10), "nothing was asked yet");
        let (one, two) = (watch.begin(), watch.begin());
        assert_eq!(wait(&watch), None, "we are the ones who are waited for");
        one.handed_over();
        assert_eq!(wait(&watch), Some(30), "the client has to read");
        one.passed_on();
        assert_eq!(wait(&watch), None, "it did");
        watch.blocked(|| 0);
        assert_eq!(wait(&watch), Some(30));
        watch.unblocked();
        one.handed_over();
        watch.blocked(|| 100_000);
        assert_eq!(wait(&watch), Some(130), "it may take its time for what the system keeps");
        watch.unblocked();
        one.passed_on();
        two.handed_over();
        drop(two);
        assert_eq!(wait(&watch), None, "the other one is not answered");
        drop(one);
        assert_eq!(wait(&watch), Some(60), "it may rest");
    }

    #[tokio::test]
    async fn it_is_cut_when_it_is_overdue() {
        let brief = Duration::from_millis(20);
        let watch = Watch::new(Patience { first: brief, next: brief, write: brief, rate: 1000 });
        watch.overdue().await;
        assert!(watch.is_cut());
    }
}
