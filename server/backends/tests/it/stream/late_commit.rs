//! PostgreSQL gives a sequence number out before its transaction commits, and the position after it.

use std::time::Duration;

use portreeve_database::{ConnectionTrait, DbErr, event};
use tokio::sync::oneshot;

use super::{Act, Doer, Rig, Running, consumer, event as new_event};
use crate::support::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn what_commits_late_on_postgres_is_not_skipped() {
    if let Some(rig) = Rig::postgres().await {
        what_commits_late_is_not_skipped(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_commits_late_on_postgres_is_not_skipped_by_the_relay() {
    if std::env::var_os("PORTREEVE_TEST_DATABASE_URL").is_some() {
        what_commits_late_is_not_skipped(Rig::nats().await).await;
    }
}

async fn what_commits_late_is_not_skipped(rig: Rig) {
    let doer = Doer::new(|_| Act::Finish);
    let running = Running::start(rig.stream(), consumer("keen"), &doer);
    let (appended, is_appended) = oneshot::channel();
    let (commit, may_commit) = oneshot::channel::<()>();
    let database = rig.database().clone();
    let late = tokio::spawn(async move {
        let written = database.write(async move |transaction| {
            event::append(&transaction, new_event("file.accepted", "late", 0)).await?;
            appended.send(()).unwrap();
            may_commit.await.unwrap();
            Ok::<_, DbErr>(())
        });
        written.await.unwrap();
    });
    is_appended.await.unwrap();
    for number in 0..10 {
        rig.append("early", number).await;
    }
    doer.has_finished(10).await;
    rig.settled("keen").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    commit.send(()).unwrap();
    late.await.unwrap();
    doer.has_finished(11).await;
    assert_eq!(doer.finished("late"), [0]);
    rig.settled("keen").await;
    running.stop().await;
}

/// Two give positions, and the later one began while the event had none yet.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_gets_its_position_on_postgres_once() {
    let Some(rig) = Rig::postgres().await else { return };
    rig.append("key", 0).await;
    let (given, is_given) = oneshot::channel();
    let (commit, may_commit) = oneshot::channel::<()>();
    let (first, second) = (rig.database().clone(), rig.test.another().await);
    let first = tokio::spawn(async move {
        let written = first.write(async move |transaction| {
            transaction.execute_unprepared("UPDATE events SET position = nextval('events_position_seq')").await?;
            given.send(()).unwrap();
            may_commit.await.unwrap();
            Ok::<_, DbErr>(())
        });
        written.await.unwrap();
    });
    is_given.await.unwrap();
    let second = tokio::spawn(async move { event::give_positions(&second, 10).await.unwrap() });
    eventually("the second waits for the first one's row", async || {
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        rig.database().reader().execute_unprepared(waiting).await.unwrap().rows_affected() == 1
    })
    .await;
    commit.send(()).unwrap();
    first.await.unwrap();
    assert_eq!(second.await.unwrap(), 0);
    assert_eq!(event::last_position(rig.database().reader()).await.unwrap(), 1);
}
