//! Many nodes on one Redis.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use portreeve_backends::Clock;
use portreeve_backends::limits::{Kind, Limits, Subject, Take};
use portreeve_backends::redis::Redis;
use portreeve_testkit::redis::{Server, config_at};

use super::{SECRET, node, rate, subject};

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_share_a_bucket() {
    let server = Server::start();
    let nodes = [node(&server, Clock::System), node(&server, Clock::System)];
    let takes = [Take::one(subject(Kind::Account, 1), rate(11, Duration::from_hours(1)))];
    let all = join_all((0..100).map(|number| nodes[number % 2].take(&takes))).await;
    assert_eq!(all.iter().filter(|taken| taken.wait().is_none()).count(), 11);
    for node in &nodes {
        let wait = node.take(&takes).await.wait().unwrap();
        assert!(wait > Duration::from_mins(50) && wait <= Duration::from_hours(1), "{wait:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_told_no_address_and_keeps_nothing_for_good() {
    let server = Server::start();
    let limits = node(&server, Clock::System);
    let from = Subject::network(Kind::Address, "203.0.113.7".parse().unwrap());
    limits
        .take(&[Take {
            daily: Some(9),
            class: Some((2, rate(5, Duration::from_secs(1)))),
            ..Take::one(from, rate(3, Duration::from_secs(1)))
        }])
        .await;
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await.unwrap();
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    let hash = key.strip_prefix("portreeve:limit:address:").unwrap();
    assert!(hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    let lives: i64 = redis::cmd("PTTL").arg(key).query_async(&mut connection).await.unwrap();
    assert!(lives > 0 && lives <= 86_400_000 + 60_000, "{lives}");
    let kept: BTreeMap<String, i64> = redis::cmd("HGETALL").arg(key).query_async(&mut connection).await.unwrap();
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["day", "full", "full:2", "used"]);

    // With another secret the same address has another name, and with another prefix it is another Portreeve's.
    let stranger = Limits::redis(Redis::open(&server.config()).unwrap(), [8; 32], Clock::System);
    let other = Limits::redis(Redis::open(&config_at(&server.url(), "other")).unwrap(), SECRET, Clock::System);
    for limits in [stranger, other] {
        assert_eq!(limits.take(&[Take::one(from, rate(1, Duration::from_hours(1)))]).await.wait(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_redis_forgot_is_told_again() {
    let server = Server::start();
    let limits = node(&server, Clock::System);
    let takes = [Take::one(subject(Kind::Account, 1), rate(2, Duration::from_hours(1)))];
    assert_eq!(limits.take(&takes).await.0[0].whole.left, 1);
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut connection).await.unwrap();
    assert_eq!(limits.take(&takes).await.0[0].whole.left, 0);
    // Not by this node's own count, which would look the same.
    assert!(node(&server, Clock::System).take(&takes).await.wait().is_some());
}
