//! The arithmetic of a token bucket (GCRA): all that is kept of one is the time at which it will be full again.
//!
//! `governor` counts in the same way, one rate a limiter and one bucket a call. Here a request takes from several buckets at once or from none,
//! a key's plan changes its rate, a day has an end, and the script in Redis has to come to the same result to the microsecond: so it stands
//! here once, in whole microseconds, and `take.lua` says the same.

use std::time::Duration;

use super::{Rate, Take};

/// How many classes of what a subject does can have buckets of their own.
pub const CLASSES: usize = 8;

/// Microseconds.
const DAY: i64 = 86_400_000_000;

/// How full a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Tokens.
    pub left: u64,
    /// Time until it is full.
    pub full_in: Duration,
    /// Time until there is a token, if it was empty.
    pub wait: Duration,
}

/// How full the buckets of a subject are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// That of all it does.
    pub whole: Level,
    /// That of a class of what it does.
    pub class: Option<Level>,
    /// What it may do in a day.
    pub day: Option<Level>,
}

impl Levels {
    /// Those that there are.
    pub fn each(&self) -> impl Iterator<Item = &Level> {
        [Some(&self.whole), self.class.as_ref(), self.day.as_ref()].into_iter().flatten()
    }
}

/// What is kept of a subject, in microseconds since 1970: when each bucket will be full, and what was taken in which day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) whole: i64,
    pub(super) classes: [i64; CLASSES],
    pub(super) day: i64,
    pub(super) used: u32,
}

impl Record {
    /// What was counted by another rate, such as before a plan was changed, leaves a bucket empty at most.
    pub(super) fn fit(&mut self, take: &Take, now: i64) {
        self.whole = self.whole.min(now + all(take.rate));
        if let Some((class, rate)) = take.class {
            let full_at = &mut self.classes[usize::from(class) % CLASSES];
            *full_at = (*full_at).min(now + all(rate));
        }
    }

    /// Whether there is a token in each bucket.
    pub(super) fn has(&self, take: &Take, now: i64) -> bool {
        self.levels(take, now, false).each().all(|level| level.wait.is_zero())
    }

    /// Takes one from each.
    pub(super) fn take(&mut self, take: &Take, now: i64) {
        self.whole = self.whole.max(now) + every(take.rate);
        if let Some((class, rate)) = take.class {
            let full_at = &mut self.classes[usize::from(class) % CLASSES];
            *full_at = (*full_at).max(now) + every(rate);
        }
        if take.daily.is_some() {
            self.used = self.used_in(now / DAY).saturating_add(1);
            self.day = now / DAY;
        }
    }

    /// How full they are; what was `granted` has been taken.
    pub(super) fn levels(&self, take: &Take, now: i64, granted: bool) -> Levels {
        let level = |full_at: i64, rate: Rate| {
            let (every, all) = (every(rate), all(rate));
            let missing = (full_at - now).max(0);
            let wait = if granted { 0 } else { (missing + every - all).max(0) };
            Level { left: u64::try_from((all - missing) / every).unwrap_or_default(), full_in: micros(missing), wait: micros(wait) }
        };
        let day = take.daily.map(|quota| {
            let (used, ends_in) = (self.used_in(now / DAY), DAY - now % DAY);
            let is_over = !granted && used >= quota;
            Level {
                left: quota.saturating_sub(used).into(),
                full_in: micros(ends_in),
                wait: if is_over { micros(ends_in) } else { Duration::ZERO },
            }
        });
        Levels {
            whole: level(self.whole, take.rate),
            class: take.class.map(|(class, rate)| level(self.classes[usize::from(class) % CLASSES], rate)),
            day,
        }
    }

    /// Whether it says no more than no record at all.
    pub(super) fn is_idle(&self, now: i64) -> bool {
        self.whole <= now && self.classes.iter().all(|full_at| *full_at <= now) && self.used_in(now / DAY) == 0
    }

    fn used_in(&self, day: i64) -> u32 {
        if self.day == day { self.used } else { 0 }
    }
}

/// Microseconds in which a token comes back.
pub(super) fn every(rate: Rate) -> i64 {
    i64::try_from(rate.every.as_micros()).unwrap_or(DAY).clamp(1, DAY)
}

/// Microseconds in which an empty bucket fills.
fn all(rate: Rate) -> i64 {
    every(rate) * i64::from(rate.burst.get())
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}
