//! Token buckets: how often something may happen.

mod memory;

use std::{hash::Hash, net::IpAddr, num::NonZeroU32, time::Duration};

use crate::Clock;

/// How often: `burst` at once, then one every `every`.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Size of the bucket.
    pub burst: NonZeroU32,
    /// Time in which one token comes back; more than nothing.
    pub every: Duration,
}

/// One bucket a key.
#[derive(Debug)]
pub enum Limiter<K: Hash + Eq + Clone> {
    /// In this process.
    Memory(memory::Memory<K>),
    /// Anything goes.
    Unlimited {},
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// Buckets in memory.
    pub fn memory(rate: Rate, clock: Clock) -> Self {
        Self::Memory(memory::Memory::new(rate, clock))
    }

    /// Takes a token from the key's bucket.
    ///
    /// # Errors
    /// The time until there is one, if it is empty; nothing is taken then.
    pub fn check(&self, key: &K) -> Result<(), Duration> {
        match self {
            Self::Memory(memory) => memory.check(key),
            Self::Unlimited {} => Ok(()),
        }
    }

    /// Forgets keys whose buckets are full again. To be called now and then, or memory grows with every key ever seen.
    pub fn forget_idle(&self) {
        if let Self::Memory(memory) = self {
            memory.forget_idle();
        }
    }
}

/// What stands for one client: an IPv4 address, or the /64 that one IPv6 subscriber has.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
    }
}
