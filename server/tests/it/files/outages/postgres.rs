//! PostgreSQL is away, each test's own.

use std::time::Duration;

use super::{PATIENT, all_is_well, begin, outage};
use crate::support::{Engines, postgres::Postgres, station::Station};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_postgres_that_crashes_and_comes_back_loses_nothing() {
    let postgres = Postgres::start();
    let station = Station::with(Engines { database: Some(postgres.url()), ..Engines::fresh().await }, PATIENT);
    let (server, load) = begin(&station).await;
    // A moment is waited for, and longer than ten seconds nobody waits.
    for away in [Duration::from_secs(1), outage().max(Duration::from_secs(12))] {
        let refused = load.refused();
        postgres.crash();
        tokio::time::sleep(away).await;
        assert!(load.refused() > refused || away < Duration::from_secs(10), "nothing can be accepted without it");
        postgres.restart(None);
        load.goes_on(10).await;
    }
    all_is_well(&station, server, load).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_postgres_whose_disk_is_full_refuses_and_loses_nothing() {
    let postgres = Postgres::start();
    let station = Station::with(Engines { database: Some(postgres.url()), ..Engines::fresh().await }, PATIENT);
    let (server, load) = begin(&station).await;
    postgres.fill_events(900_000).await;
    // Stopped in order, and no file shorter than it is: what it cannot start without, it has.
    postgres.stop();
    postgres.restart(Some(postgres.longest()));
    load.is_refused(20).await;
    // Somebody makes room.
    postgres.crash();
    postgres.restart(None);
    all_is_well(&station, server, load).await;
}
