//! The pens that are in hands in this process: who asks how far an upload is goes on with it, so whoever still writes is asked to stop first.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use portreeve_contract::FileId;
use tokio::time::timeout;
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// A disk that hangs keeps nobody longer from hearing what is known.
const LAID_DOWN_WITHIN: Duration = Duration::from_secs(10);

/// Shared by those who write and those who ask.
///
/// When a line breaks, the new request is often here before the end of the old one is noticed, let alone what came with it made durable: an offset
/// that was told then would be wrong a moment later. (tusd does the same, by a lock that it asks for.) A writer of another node is not asked; there
/// an offset that grows meanwhile is refused, and asked for again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pens(Arc<Mutex<HashMap<FileId, Writers>>>);

/// Those of one upload whom nobody asked to stop so far.
#[derive(Clone, Debug, Default)]
struct Writers {
    stop: CancellationToken,
    at_work: TaskTracker,
}

impl Pens {
    /// Somebody writes, until this is dropped.
    pub(super) fn take_up(&self, id: FileId) -> InHand {
        let mut pens = self.0.lock();
        let writers = pens.entry(id).or_default();
        InHand { pens: self.clone(), id, stop: writers.stop.clone(), token: Some(writers.at_work.token()) }
    }

    /// Asks those who write on an upload to stop, and waits until what they had counts or is given up.
    pub(super) async fn lay_down(&self, id: FileId) {
        let Some(writers) = self.0.lock().remove(&id) else { return };
        writers.stop.cancel();
        writers.at_work.close();
        if timeout(LAID_DOWN_WITHIN, writers.at_work.wait()).await.is_err() {
            tracing::warn!(%id, "an upload is asked for while what came of it still is not written");
        }
    }
}

/// One who writes.
#[derive(Debug)]
pub(super) struct InHand {
    pens: Pens,
    id: FileId,
    stop: CancellationToken,
    token: Option<TaskTrackerToken>,
}

impl InHand {
    /// Returns once somebody asked to stop.
    pub(super) async fn asked_for(&self) {
        self.stop.cancelled().await;
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        let mut pens = self.pens.0.lock();
        self.token = None;
        // Later ones may have come after these were asked to stop.
        if pens.get(&self.id).is_some_and(|writers| writers.at_work.is_empty()) {
            pens.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, poll};
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn who_asks_waits_for_those_who_write_and_for_nobody_else() {
        let (pens, id, other) = (Pens::default(), FileId(Uuid::from_u128(1)), FileId(Uuid::from_u128(2)));
        assert!(pens.lay_down(id).now_or_never().is_some(), "nobody writes");
        let (first, second, elsewhere) = (pens.take_up(id), pens.take_up(id), pens.take_up(other));
        assert!(first.asked_for().now_or_never().is_none());

        let mut asks = pens.lay_down(id).boxed();
        assert!(poll!(&mut asks).is_pending());
        assert!(first.asked_for().now_or_never().is_some() && second.asked_for().now_or_never().is_some());
        assert!(elsewhere.asked_for().now_or_never().is_none());
        let later = pens.take_up(id);
        assert!(later.asked_for().now_or_never().is_none(), "who comes after the question may write");
        drop(first);
        assert!(poll!(&mut asks).is_pending());
        drop(second);
        asks.await;

        assert!(pens.0.lock().contains_key(&id), "the later one is still at work");
        drop((later, elsewhere));
        assert!(pens.0.lock().is_empty());
    }
}
