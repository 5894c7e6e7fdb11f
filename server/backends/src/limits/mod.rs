//! Token buckets: how often something may happen, counted in this process or for many nodes together.

mod bucket;
mod memory;
mod shared;
mod subject;

use std::{num::NonZeroU32, time::Duration};

use self::{bucket::Record, memory::Memory, shared::Shared};
pub use self::{
    bucket::{CLASSES, Level, Levels},
    subject::{Kind, Subject, network},
};
use crate::{Clock, redis::Redis};

/// How often: `burst` at once, then one every `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Size of the bucket.
    pub burst: NonZeroU32,
    /// Time in which one token comes back; counted in whole microseconds, and more than nothing.
    pub every: Duration,
}

/// One token of a subject's, from all of its buckets.
#[derive(Clone, Copy, Debug)]
pub struct Take {
    /// Who or what is counted.
    pub subject: Subject,
    /// The bucket of all that it does.
    pub rate: Rate,
    /// A further bucket for one class of what it does, by a number below [`CLASSES`].
    pub class: Option<(u8, Rate)>,
    /// How many in a day of UTC.
    pub daily: Option<u32>,
}

impl Take {
    /// From one bucket, without more.
    pub fn one(subject: Subject, rate: Rate) -> Self {
        Self { subject, rate, class: None, daily: None }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken(pub Vec<Levels>);

impl Taken {
    fn of(takes: &[Take], records: &[Record], now: i64, granted: bool) -> Self {
        Self(takes.iter().zip(records).map(|(take, record)| record.levels(take, now, granted)).collect())
    }

    /// The time until there is a token in all buckets, if one of them was empty; nothing was taken then.
    pub fn wait(&self) -> Option<Duration> {
        self.0.iter().flat_map(Levels::each).map(|level| level.wait).max().filter(|wait| !wait.is_zero())
    }
}

/// Where buckets are.
#[derive(Debug)]
pub enum Limits {
    /// In this process.
    Memory(Memory),
    /// In Redis, for many nodes; in this process while there is no Redis.
    Redis(Box<Shared>),
}

impl Limits {
    /// Buckets in this process.
    pub fn memory(clock: Clock) -> Self {
        Self::Memory(Memory::new(clock))
    }

    /// Buckets in Redis. `secret` is the same on all nodes and keeps whoever reads Redis from finding out whose buckets there are.
    pub fn redis(redis: Redis, secret: [u8; 32], clock: Clock) -> Self {
        Self::Redis(Box::new(Shared::new(redis, secret, clock)))
    }

    /// Takes a token from each bucket of each subject, or none at all if one bucket is empty. Each subject may be named once.
    ///
    /// Never fails and never lets everything through: without Redis the buckets of this process count.
    pub async fn take(&self, takes: &[Take]) -> Taken {
        match self {
            Self::Memory(memory) => memory.take(takes),
            // Its future is thirty kilobytes, which every request would carry that never meets a Redis.
            Self::Redis(shared) => Box::pin(shared.take(takes)).await,
        }
    }

    /// Forgets whose buckets are full again. To be called now and then, to give memory back.
    pub fn forget_idle(&self) {
        self.local().forget_idle();
    }

    /// How many subjects this process remembers.
    pub fn remembered(&self) -> usize {
        self.local().len()
    }

    fn local(&self) -> &Memory {
        match self {
            Self::Memory(memory) => memory,
            Self::Redis(shared) => shared.local(),
        }
    }
}
