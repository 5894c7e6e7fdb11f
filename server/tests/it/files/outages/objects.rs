//! The object store is away.

use std::fs;

use super::{PATIENT, all_is_well, begin, outage};
use crate::support::{Engines, station::Station};

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_away_for_a_while_delays_and_loses_nothing() {
    let station = Station::with(Engines::fresh().await.in_a_folder(), PATIENT);
    let (server, load) = begin(&station).await;
    let (objects, aside) = (station.data().join("objects"), station.data().join("aside"));
    fs::rename(&objects, &aside).unwrap();
    fs::write(&objects, "in the way").unwrap();
    // Staging is elsewhere, and takes in.
    load.goes_on(10).await;
    tokio::time::sleep(outage()).await;
    fs::remove_file(&objects).unwrap();
    fs::rename(&aside, &objects).unwrap();
    all_is_well(&station, server, load).await;
}
