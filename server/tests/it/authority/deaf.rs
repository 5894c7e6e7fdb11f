//! A process that does not hear.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use portreeve_database::{ConnectionTrait, DbErr};
use portreeve_testkit::Proxy;

use super::{A_SECOND, PATIENCE, remembered, seen};
use crate::support::{Engines, Person, TestApp, postgres::Postgres};

async fn execute(app: &TestApp, sql: &'static str) {
    let done: Result<_, DbErr> = app.services.database().write(async |transaction| transaction.execute_unprepared(sql).await).await;
    done.unwrap();
}

#[tokio::test]
async fn a_process_that_cannot_read_events_reads_the_rows() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    remembered(&app, || ada.profile()).await.ok();
    execute(&app, "ALTER TABLE events RENAME TO gone").await;
    // No event tells of it, and could not.
    execute(&app, "UPDATE sessions SET ended_at = created_at WHERE user_id IN (SELECT id FROM users WHERE name = 'ada')").await;
    seen("a session that ended unheard", A_SECOND, async || ada.profile().await.status == 401).await;
    eve.reads_profile().await;

    execute(&app, "ALTER TABLE gone RENAME TO events").await;
    remembered(&app, || eve.profile()).await.ok();
    ada.profile().await.assert_problem(401, "invalid_token");
}

/// Whoever asks later than a second from now is not told that all is well; and is again once `mend` is through.
async fn is_no_use(ada: &Person<'_>, mend: impl AsyncFnOnce()) {
    let broken = Instant::now();
    while broken.elapsed() < 3 * A_SECOND {
        let asked = broken.elapsed();
        // One that waits for the database is told nothing for the time being.
        let answer = tokio::time::timeout(Duration::from_secs(2), ada.profile()).await;
        let is_well = answer.is_ok_and(|answer| answer.status.is_success());
        assert!(!is_well || asked < A_SECOND, "whoever asked {asked:?} after the database was gone was answered from memory");
    }
    mend().await;
    let mended = Instant::now();
    while !tokio::time::timeout(Duration::from_secs(15), ada.profile()).await.is_ok_and(|answer| answer.status.is_success()) {
        assert!(mended.elapsed() < PATIENCE, "it never came back");
    }
    remembered(ada.app, || ada.profile()).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_process_whose_database_is_gone_answers_nobody_from_memory() {
    let postgres = Postgres::start();
    let app = TestApp::start_over(Engines { database: Some(postgres.url()), ..Engines::default() }).await;
    let ada = app.person("ada").await;
    remembered(&app, || ada.profile()).await.ok();
    postgres.crash();
    is_no_use(&ada, async || postgres.restart(None)).await;
}

/// No connection breaks; nothing comes any more.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_process_that_is_cut_off_answers_nobody_from_memory() {
    let postgres = Postgres::start();
    let direct = reqwest::Url::parse(&postgres.url()).unwrap();
    let proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], direct.port().unwrap()))).await;
    let mut url = direct;
    url.set_port(Some(proxy.address().port())).unwrap();
    let app = TestApp::start_over(Engines { database: Some(url.into()), ..Engines::default() }).await;
    let ada = app.person("ada").await;
    remembered(&app, || ada.profile()).await.ok();
    proxy.stall();
    is_no_use(&ada, async || proxy.pass()).await;
}
