//! Token buckets, in memory and in Redis.

mod outage;
mod same;
mod together;

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use portreeve_backends::Clock;
use portreeve_backends::clock::Manual;
use portreeve_backends::limits::{Kind, Limits, Rate, Subject, Take};
use portreeve_backends::redis::Redis;
use portreeve_testkit::redis::Server;
use uuid::Uuid;

pub(crate) const SECRET: [u8; 32] = [7; 32];

/// An engine with a clock that a test moves.
pub(super) struct Rig {
    pub(super) limits: Limits,
    pub(super) clock: Manual,
    _server: Option<Server>,
}

impl Rig {
    pub(super) fn memory() -> Self {
        let clock = portreeve_testkit::clock();
        Self { limits: Limits::memory(Clock::Manual(clock.clone())), clock, _server: None }
    }

    pub(super) fn redis() -> Self {
        let (clock, server) = (portreeve_testkit::clock(), Server::start());
        Self { limits: node(&server, Clock::Manual(clock.clone())), clock, _server: Some(server) }
    }
}

/// One of the nodes that share a Redis.
pub(super) fn node(server: &Server, clock: Clock) -> Limits {
    Limits::redis(Redis::open(&server.config()).unwrap(), SECRET, clock)
}

pub(super) fn rate(burst: u32, every: Duration) -> Rate {
    Rate { burst: NonZeroU32::new(burst).unwrap(), every }
}

pub(super) fn subject(kind: Kind, id: u128) -> Subject {
    Subject::id(kind, Uuid::from_u128(id))
}

/// Three at once, then one in ten seconds.
pub(super) fn three(id: u128) -> Take {
    Take::one(subject(Kind::Account, id), rate(3, Duration::from_secs(10)))
}

/// Runs each test of the contract on each engine.
macro_rules! on_each_engine {
    ($($test:ident),+ $(,)?) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() { super::$test(super::Rig::memory()).await; })+
        }
        mod in_redis {
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() { super::$test(super::Rig::redis()).await; })+
        }
    };
}

on_each_engine!(
    a_bucket_empties_says_when_and_fills_again,
    a_hundred_at_once_get_no_more_than_the_burst,
    one_empty_bucket_keeps_all_others_as_they_are,
    a_class_has_a_bucket_within,
    a_day_has_an_end,
    networks_count_as_one,
);

async fn a_bucket_empties_says_when_and_fills_again(rig: Rig) {
    for left in [2, 1, 0] {
        let taken = rig.limits.take(&[three(1)]).await;
        assert_eq!((taken.wait(), taken.0[0].whole.left), (None, left));
    }
    let refused = rig.limits.take(&[three(1)]).await;
    assert_eq!(refused.wait(), Some(Duration::from_secs(10)));
    assert_eq!((refused.0[0].whole.left, refused.0[0].whole.full_in), (0, Duration::from_secs(30)));
    assert_eq!(rig.limits.take(&[three(2)]).await.wait(), None, "another has a bucket of its own");
    assert_eq!(rig.limits.take(&[Take { subject: subject(Kind::Key, 1), ..three(1) }]).await.wait(), None, "and another kind too");
    rig.clock.advance(TimeDelta::microseconds(9_999_999));
    assert_eq!(rig.limits.take(&[three(1)]).await.wait(), Some(Duration::from_micros(1)));
    rig.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(rig.limits.take(&[three(1)]).await.wait(), None);
    assert!(rig.limits.take(&[three(1)]).await.wait().is_some());
    rig.clock.advance(TimeDelta::hours(1));
    assert_eq!(rig.limits.take(&[three(1)]).await.0[0].whole.left, 2, "it never holds more than it can");
}

async fn a_hundred_at_once_get_no_more_than_the_burst(rig: Rig) {
    let take = Take::one(subject(Kind::Address, 1), rate(7, Duration::from_mins(1)));
    let takes = [take];
    let all = join_all((0..100).map(|_| rig.limits.take(&takes))).await;
    assert_eq!(all.iter().filter(|taken| taken.wait().is_none()).count(), 7);
}

async fn one_empty_bucket_keeps_all_others_as_they_are(rig: Rig) {
    let key = Take::one(subject(Kind::Key, 1), rate(1, Duration::from_mins(1)));
    assert_eq!(rig.limits.take(&[three(1), key]).await.wait(), None);
    for _ in 0..5 {
        let refused = rig.limits.take(&[three(1), key]).await;
        assert_eq!(refused.wait(), Some(Duration::from_mins(1)));
        assert_eq!(refused.0.iter().map(|levels| levels.whole.left).collect::<Vec<_>>(), [2, 0]);
    }
    assert_eq!(rig.limits.take(&[three(1)]).await.0[0].whole.left, 1);
}

async fn a_class_has_a_bucket_within(rig: Rig) {
    let of = |class, burst| Take { class: Some((class, rate(burst, Duration::from_mins(1)))), ..three(1) };
    assert_eq!(rig.limits.take(&[of(0, 1)]).await.0[0].class.unwrap().left, 0);
    let refused = rig.limits.take(&[of(0, 1)]).await;
    assert_eq!(refused.wait(), Some(Duration::from_mins(1)));
    assert_eq!(refused.0[0].whole.left, 2);
    assert_eq!(rig.limits.take(&[of(1, 5)]).await.wait(), None, "another class has another");
    assert_eq!(rig.limits.take(&[three(1)]).await.0[0].whole.left, 0, "and all are within the whole");
    rig.clock.advance(TimeDelta::seconds(59));
    assert!(rig.limits.take(&[of(0, 1)]).await.wait().is_some(), "what others take does not fill it");
    rig.clock.advance(TimeDelta::seconds(1));
    assert_eq!(rig.limits.take(&[of(0, 1)]).await.wait(), None);
}

async fn a_day_has_an_end(rig: Rig) {
    let take = Take { daily: Some(2), ..Take::one(subject(Kind::Account, 1), rate(100, Duration::from_secs(1))) };
    assert_eq!(rig.limits.take(&[take]).await.0[0].day.unwrap().left, 1);
    assert_eq!(rig.limits.take(&[take]).await.0[0].day.unwrap().left, 0);
    let refused = rig.limits.take(&[take]).await;
    let midnight = refused.wait().unwrap();
    let left_of_day = 86_400 - 1_780_000_000 % 86_400;
    assert_eq!(midnight, Duration::from_secs(left_of_day));
    rig.clock.advance(TimeDelta::from_std(midnight).unwrap() - TimeDelta::microseconds(1));
    assert_eq!(rig.limits.take(&[take]).await.wait(), Some(Duration::from_micros(1)));
    rig.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(rig.limits.take(&[take]).await.0[0].day.unwrap().left, 1);
}

async fn networks_count_as_one(rig: Rig) {
    let from = |address: &str| [Take::one(Subject::network(Kind::Address, address.parse().unwrap()), rate(1, Duration::from_mins(1)))];
    assert_eq!(rig.limits.take(&from("2001:db8:0:1::1")).await.wait(), None);
    assert!(rig.limits.take(&from("2001:db8:0:1:ffff::2")).await.wait().is_some());
    assert_eq!(rig.limits.take(&from("2001:db8:0:2::1")).await.wait(), None);
    assert_eq!(rig.limits.take(&from("192.0.2.1")).await.wait(), None);
    assert!(rig.limits.take(&from("::ffff:192.0.2.1")).await.wait().is_some());
}
