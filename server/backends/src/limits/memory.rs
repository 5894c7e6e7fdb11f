//! Buckets in this process.

use std::{collections::HashMap, fmt};

use parking_lot::{Mutex, MutexGuard};

use super::{Kind, Record, Take, Taken};
use crate::Clock;

/// Subjects of one kind in one generation. Two generations of every kind are a hundred megabytes at the very most.
const GENERATION: usize = 1 << 16;

/// Records by subject, one lock a kind.
pub struct Memory {
    clock: Clock,
    kinds: Vec<Mutex<Generations>>,
}

impl Memory {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, kinds: Kind::ALL.iter().map(|_| Mutex::default()).collect() }
    }

    pub(super) fn take(&self, takes: &[Take]) -> Taken {
        let now = self.now();
        // Always in the same order, so that two requests never wait for each other.
        let mut locked: Vec<Option<MutexGuard<'_, Generations>>> = Vec::with_capacity(Kind::ALL.len());
        for (kind, generations) in Kind::ALL.iter().zip(&self.kinds) {
            locked.push(takes.iter().any(|take| take.subject.kind == *kind).then(|| generations.lock()));
        }
        let mut records = Vec::with_capacity(takes.len());
        for take in takes {
            let generations = locked[take.subject.kind as usize].as_mut();
            let mut record = generations.map(|generations| *generations.record(take.subject.id)).unwrap_or_default();
            record.fit(take, now);
            records.push(record);
        }
        let granted = takes.iter().zip(&records).all(|(take, record)| record.has(take, now));
        for (take, record) in takes.iter().zip(&mut records) {
            if granted {
                record.take(take, now);
            }
            if let Some(generations) = &mut locked[take.subject.kind as usize] {
                *generations.record(take.subject.id) = *record;
            }
        }
        drop(locked);
        Taken::of(takes, &records, now, granted)
    }

    pub(super) fn forget_idle(&self) {
        let now = self.now();
        for generations in &self.kinds {
            generations.lock().forget_idle(now);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.kinds.iter().map(|generations| generations.lock().len()).sum()
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp_micros()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("subjects", &self.len()).finish_non_exhaustive()
    }
}

/// Those that were seen lately, and those before them. When there are as many new ones as a generation holds, those are forgotten that were not
/// seen for as long: whoever wants to be forgotten must bring tens of thousands of others first.
#[derive(Default)]
struct Generations {
    young: HashMap<[u8; 16], Record>,
    old: HashMap<[u8; 16], Record>,
}

impl Generations {
    fn record(&mut self, id: [u8; 16]) -> &mut Record {
        if !self.young.contains_key(&id) {
            let record = self.old.remove(&id).unwrap_or_default();
            if self.young.len() >= GENERATION {
                self.old = std::mem::take(&mut self.young);
            }
            self.young.insert(id, record);
        }
        self.young.entry(id).or_default()
    }

    fn forget_idle(&mut self, now: i64) {
        for generation in [&mut self.young, &mut self.old] {
            generation.retain(|_, record| !record.is_idle(now));
            generation.shrink_to_fit();
        }
    }

    fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroU32, time::Duration};

    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    use super::*;
    use crate::{
        clock::Manual,
        limits::{Rate, Subject},
    };

    fn memory() -> (Memory, Manual) {
        let manual = Manual::at(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        (Memory::new(Clock::Manual(manual.clone())), manual)
    }

    fn take(kind: Kind, id: u128) -> Take {
        let rate = Rate { burst: NonZeroU32::new(3).unwrap(), every: Duration::from_secs(10) };
        Take::one(Subject::id(kind, Uuid::from_u128(id)), rate)
    }

    #[test]
    fn a_flood_takes_bounded_room_and_pushes_out_nobody_of_another_kind() {
        let (memory, _) = memory();
        let (victim, regular) = (take(Kind::TriesOn, 1), take(Kind::Address, u128::MAX));
        for _ in 0..3 {
            assert_eq!(memory.take(&[victim]).wait(), None);
        }
        let mut regulars_tokens = 0;
        for id in 0..3 * GENERATION as u128 {
            memory.take(&[take(Kind::Address, id)]);
            // Who keeps coming is remembered, however many strangers come between.
            if id % 1000 == 0 {
                regulars_tokens += usize::from(memory.take(&[regular]).wait().is_none());
            }
        }
        assert!(memory.len() <= 2 * GENERATION + 1, "{memory:?}");
        assert_eq!(regulars_tokens, 3);
        assert!(memory.take(&[victim]).wait().is_some());
    }

    #[test]
    fn whose_buckets_are_full_again_are_forgotten() {
        let (memory, manual) = memory();
        for id in 0..1000 {
            memory.take(&[Take { daily: (id % 2 == 0).then_some(5), ..take(Kind::Address, id) }]);
        }
        manual.advance(TimeDelta::minutes(1));
        memory.forget_idle();
        assert_eq!(memory.len(), 500, "what counts for the day is kept for the day");
        manual.advance(TimeDelta::days(1));
        memory.forget_idle();
        assert_eq!(memory.len(), 0);
    }
}
