//! PostgreSQL is away, each test's own.

use std::time::Duration;

use super::{PATIENT, all_is_well, begin, outage, outages};
use crate::support::{Engines, postgres::Postgres, station::Station};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_postgres_that_crashes_and_comes_back_loses_nothing() {
    let postgres = Postgres::start();
    let station = Station::with(Engines { database: Some(postgres.url()), ..Engines::fresh().await }, PATIENT);
    let (server, load) = begin(&station).await;
    // A moment is waited for, and longer than ten seconds nobody waits.
    let long = outage().max(Duration::from_secs(12));
    for away in outages().map(|away| if away == outage() { long } else { away }) {
        let refused = load.refused();
        postgres.crash();
        tokio::time::sleep(away).await;
        assert!(load.refused() > refused || away < long, "nothing can be accepted without it");
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
    for _ in 0..10 {
        // Stopped in order, and no file shorter than it is: what it cannot start without, it has.
        postgres.stop();
        postgres.restart(Some(postgres.longest()));
        load.is_refused(20).await;
        // Somebody makes room.
        postgres.crash();
        postgres.restart(None);
        load.goes_on(10).await;
    }
    all_is_well(&station, server, load).await;
}
