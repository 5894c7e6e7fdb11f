//! Who comes first: those who wait for an answer, or what was answered already.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

/// From so many uploads at the same time on, storing gives way to them.
const MANY: usize = 4;

/// Counts the uploads that wait for their answer.
///
/// Whoever sends a file waits; what was accepted is safe and does not. So while many wait, files are stored one at a time, which never comes to a
/// stop, and the rest of the machine takes in what comes. The stream keeps what there is to do until then.
#[derive(Debug)]
pub(crate) struct Intake {
    waiting: AtomicUsize,
    fewer: Notify,
    one: Semaphore,
}

impl Default for Intake {
    fn default() -> Self {
        Self { waiting: AtomicUsize::new(0), fewer: Notify::new(), one: Semaphore::new(1) }
    }
}

impl Intake {
    /// Somebody waits, until this is dropped.
    pub(crate) fn begin(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(self)
    }

    /// For who stores a file: goes on at once while few wait, and else by turns. What is returned is to be kept until the file is stored.
    pub(crate) async fn give_way(&self) -> Option<SemaphorePermit<'_>> {
        loop {
            let fewer = self.fewer.notified();
            if self.waiting.load(Ordering::Relaxed) < MANY {
                return None;
            }
            tokio::select! {
                turn = self.one.acquire() => return turn.ok(),
                () = fewer => {}
            }
        }
    }
}

/// One who waits.
#[derive(Debug)]
pub(crate) struct Waiting<'a>(&'a Intake);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.0.waiting.fetch_sub(1, Ordering::Relaxed) == MANY {
            self.0.fewer.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, poll};

    use super::{Intake, MANY};

    #[tokio::test]
    async fn while_many_wait_one_file_is_stored_at_a_time() {
        let intake = Intake::default();
        let mut waiting: Vec<_> = (1..MANY).map(|_| intake.begin()).collect();
        assert!(intake.give_way().await.is_none() && intake.give_way().await.is_none(), "few wait, so all go on");

        waiting.push(intake.begin());
        let first = intake.give_way().await;
        assert!(first.is_some());
        let mut second = intake.give_way().boxed();
        assert!(poll!(&mut second).is_pending());
        drop(first);
        let second = second.await;
        assert!(second.is_some());

        let mut third = intake.give_way().boxed();
        assert!(poll!(&mut third).is_pending());
        waiting.pop();
        assert!(third.await.is_none(), "there is room again, whoever's turn it is");
        drop(second);
    }
}
