//! PostgreSQL gives a sequence number out before its transaction commits.

use std::time::Duration;

use portreeve_database::{DbErr, event};
use tokio::sync::oneshot;

use super::{Act, Doer, Rig, Running, consumer, event as new_event};

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
