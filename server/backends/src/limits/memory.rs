//! Buckets in this process.

use std::{fmt, hash::Hash, time::Duration};

use governor::{Quota, RateLimiter, middleware::NoOpMiddleware, nanos::Nanos, state::keyed::DashMapStateStore};

use super::Rate;
use crate::Clock;

pub struct Memory<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, DashMapStateStore<K>, Clock, NoOpMiddleware<Nanos>>,
    clock: Clock,
}

impl<K: Hash + Eq + Clone> Memory<K> {
    pub(super) fn new(rate: Rate, clock: Clock) -> Self {
        let quota = Quota::with_period(rate.every).unwrap_or_else(|| Quota::per_second(rate.burst)).allow_burst(rate.burst);
        Self { limiter: RateLimiter::dashmap_with_clock(quota, clock.clone()), clock }
    }

    pub(super) fn check(&self, key: &K) -> Result<(), Duration> {
        self.limiter.check_key(key).map_err(|wait| wait.wait_time_from(governor::clock::Clock::now(&self.clock)))
    }

    pub(super) fn forget_idle(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Memory<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("keys", &self.limiter.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroU32, time::Duration};

    use chrono::{DateTime, TimeDelta};

    use super::super::{Limiter, Rate, network};
    use crate::clock::{Clock, Manual};

    fn limiter(manual: &Manual) -> Limiter<u8> {
        let rate = Rate { burst: NonZeroU32::new(3).unwrap(), every: Duration::from_secs(10) };
        Limiter::memory(rate, Clock::Manual(manual.clone()))
    }

    #[test]
    fn a_bucket_empties_says_when_and_fills_again() {
        let manual = Manual::at(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        let limiter = limiter(&manual);
        assert!((0..3).all(|_| limiter.check(&1).is_ok()));
        assert_eq!(limiter.check(&1), Err(Duration::from_secs(10)));
        assert!(limiter.check(&2).is_ok(), "another key has its own bucket");
        manual.advance(TimeDelta::seconds(10));
        assert!(limiter.check(&1).is_ok());
        assert!(limiter.check(&1).is_err());
    }

    #[test]
    fn parallel_callers_get_no_more_than_the_burst() {
        let manual = Manual::at(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        let limiter = limiter(&manual);
        let passed: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| (0..100).filter(|_| limiter.check(&7).is_ok()).count())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(passed, 3);
    }

    #[test]
    fn full_buckets_are_forgotten() {
        let manual = Manual::at(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        let limiter = limiter(&manual);
        for key in 0..=255 {
            limiter.check(&key).unwrap();
        }
        manual.advance(TimeDelta::minutes(1));
        limiter.forget_idle();
        assert!(format!("{limiter:?}").contains("keys: 0"), "{limiter:?}");
    }

    #[test]
    fn a_subscriber_is_one_client() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6".parse().unwrap()), network("2001:db8:1:2::9".parse().unwrap()));
        assert_ne!(network("2001:db8:1:2::9".parse().unwrap()), network("2001:db8:1:3::9".parse().unwrap()));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), network("192.0.2.1".parse().unwrap()));
    }
}
