//! A Redis that stops, hangs and comes back.

use std::process::Command;
use std::time::{Duration, Instant};

use portreeve_backends::Clock;
use portreeve_backends::limits::{Kind, Limits, Take};
use portreeve_backends::redis::Redis;
use portreeve_testkit::redis::Server;

use super::{SECRET, node, rate, subject};
use crate::support::eventually;

fn of(id: u128, burst: u32) -> [Take; 1] {
    [Take::one(subject(Kind::Account, id), rate(burst, Duration::from_hours(1)))]
}

async fn passes(limits: &Limits, takes: &[Take], tries: usize) -> usize {
    let mut passed = 0;
    for _ in 0..tries {
        passed += usize::from(limits.take(takes).await.wait().is_none());
    }
    passed
}

#[tokio::test(flavor = "multi_thread")]
async fn while_redis_is_away_each_node_goes_on_from_what_it_counted_itself() {
    let mut server = Server::start();
    let (one, other) = (node(&server, Clock::System), node(&server, Clock::System));
    assert_eq!(passes(&one, &of(1, 5), 3).await, 3);
    server.kill();
    // Not open, and not as if nothing had been taken: two are left here, and five elsewhere.
    assert_eq!(passes(&one, &of(1, 5), 20).await, 2);
    assert_eq!(passes(&other, &of(1, 5), 20).await, 5);
    assert!(one.take(&of(1, 5)).await.wait().is_some_and(|wait| wait > Duration::from_mins(10)));

    server.restart();
    // Once it is back, what one takes the other misses.
    let mut id = 100;
    eventually("the nodes count together again", async || {
        id += 1;
        passes(&one, &of(id, 1), 1).await;
        passes(&other, &of(id, 1), 1).await == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_was_never_there_is_an_outage_like_any_other() {
    let mut server = Server::start();
    server.kill();
    let limits = node(&server, Clock::System);
    assert_eq!(passes(&limits, &of(1, 5), 20).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_holds_nobody_up_for_long() {
    let server = Server::start();
    let mut config = server.config();
    config.timeout = Duration::from_millis(200);
    let limits = Limits::redis(Redis::open(&config).unwrap(), SECRET, Clock::System);
    let id = server.id().unwrap().to_string();
    eventually("Redis counts", async || {
        limits.take(&of(1, 1_000_000)).await;
        node(&server, Clock::System).take(&of(1, 1_000_000)).await.0[0].whole.left < 999_999
    })
    .await;
    assert!(Command::new("kill").args(["-STOP", &id]).status().unwrap().success());
    let begun = Instant::now();
    assert_eq!(passes(&limits, &of(2, 5), 200).await, 5);
    // Two hundred in a row, of which one a second waits a fifth of it.
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert!(Command::new("kill").args(["-CONT", &id]).status().unwrap().success());
    let mut next = 100;
    eventually("it is asked again", async || {
        next += 1;
        limits.take(&of(next, 1)).await;
        node(&server, Clock::System).take(&of(next, 1)).await.wait().is_some()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_it_is_there_can_be_asked() {
    let mut server = Server::start();
    let redis = Redis::open(&server.config()).unwrap();
    redis.check().await.unwrap();
    server.kill();
    assert!(redis.check().await.is_err());
    server.restart();
    eventually("it is there again", async || redis.check().await.is_ok()).await;
}
