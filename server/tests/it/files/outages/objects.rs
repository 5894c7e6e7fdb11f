//! The object store is away.

use std::{fs, path::Path};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::{PATIENT, all_is_well, begin, outages};
use crate::support::{Engines, station::Station};

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_away_for_a_while_delays_and_loses_nothing() {
    let station = Station::with(Engines::fresh().await.in_a_folder(), PATIENT);
    let (server, load) = begin(&station).await;
    let (objects, aside) = (station.data().join("objects"), station.data().join("aside"));
    fs::write(&aside, "in the way").unwrap();
    for away in outages() {
        swap(&objects, &aside);
        // Staging is elsewhere, and takes in.
        load.goes_on(10).await;
        tokio::time::sleep(away).await;
        swap(&objects, &aside);
        load.goes_on(10).await;
    }
    all_is_well(&station, server, load).await;
}

/// Each takes the other's name at once: a worker that finds no folder for a moment makes one, and the real one could not come back.
fn swap(one: &Path, other: &Path) {
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).unwrap();
}
