//! One way to read: who goes away, or comes too late, keeps nobody else from it.

use std::time::Duration;

use futures::{FutureExt, future::join_all};
use portreeve_database::secret;
use portreeve_testkit::TestDatabase;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn readers_that_go_away_take_no_connection_along() {
    let test = TestDatabase::fresh().await;
    let reader = test.database.reader();
    let mut under_way = 0;
    for _ in 0..100 {
        under_way += usize::from(secret::find(reader, "any").now_or_never().is_none());
    }
    assert!(under_way > 0, "none was dropped half-way");
    let most = test.database.connections().most;
    let answers = timeout(SOON, join_all((0..most * 4).map(|_| secret::find(reader, "any")))).await.expect("answers");
    assert!(answers.iter().all(|answer| matches!(answer, Ok(None))), "{answers:?}");
    let connections = test.database.connections();
    assert!((1..=most).contains(&connections.open), "{connections:?}");
}

#[tokio::test]
async fn what_is_read_after_the_end_is_refused() {
    let test = TestDatabase::fresh().await;
    let late = test.database.clone();
    secret::find(late.reader(), "any").await.unwrap();
    timeout(SOON, test.database.clone().close()).await.expect("an end");
    assert!(timeout(SOON, secret::find(late.reader(), "any")).await.expect("an answer").is_err());
}

#[test]
fn it_may_be_dropped_anywhere() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let test = runtime.block_on(async {
        let test = TestDatabase::fresh().await;
        secret::find(test.database.reader(), "any").await.unwrap();
        test
    });
    drop(runtime);
    drop(test);
}
