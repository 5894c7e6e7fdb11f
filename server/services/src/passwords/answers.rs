//! Answers that go out together.
//!
//! What follows a hash (the account is read again, a session is opened, committed and signed) runs through code and data that hashing, with its megabytes,
//! has just driven out of the processor's caches. Where many wait anyway, a few answers at once fetch that once for all of them, and share a commit.

use parking_lot::Mutex;

/// Answers that go out together at most. With two threads the first of them waits for one more hash, or two.
const TOGETHER: usize = 4;
/// From so many waiting hashes on, for which whoever comes waits longer anyway.
const CROWD: usize = 16;

/// Tells somebody the outcome.
pub(super) type Answer = Box<dyn FnOnce() + Send>;

/// Those that are held back.
#[derive(Default)]
pub(super) struct Answers(Mutex<Vec<Answer>>);

impl Answers {
    /// After every job, whether there is an answer or nobody wanted one any more. `waiting` says how many jobs there still are, each of which will be
    /// followed by another call.
    pub(super) fn give(&self, answer: Option<Answer>, waiting: impl FnOnce() -> usize) {
        let mut held = self.0.lock();
        held.extend(answer);
        // Counted under the lock: if others still wait, the last of them comes here later than this, and finds what is held.
        if held.len() >= TOGETHER || waiting() < CROWD {
            let all = std::mem::take(&mut *held);
            drop(held);
            for answer in all {
                answer();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::{Answer, Answers, CROWD, TOGETHER};

    #[test]
    fn a_crowd_is_answered_by_fours_and_the_last_of_it_at_once() {
        let (answers, told) = (Answers::default(), Arc::new(AtomicUsize::new(0)));
        let answer = || {
            let told = told.clone();
            Some(Box::new(move || _ = told.fetch_add(1, Ordering::Relaxed)) as Answer)
        };
        let after = |answer, waiting| {
            answers.give(answer, || waiting);
            told.load(Ordering::Relaxed)
        };
        assert_eq!(after(answer(), CROWD - 1), 1, "alone");
        for held in 1..TOGETHER {
            assert_eq!(after(answer(), CROWD), 1, "{held} held");
        }
        assert_eq!(after(answer(), CROWD), 1 + TOGETHER);
        assert_eq!(after(answer(), CROWD), 1 + TOGETHER);
        assert_eq!(after(None, CROWD - 1), 2 + TOGETHER, "one that nobody waits for lets go of what is held");
    }
}
