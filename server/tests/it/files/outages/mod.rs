//! What Portreeve stands on breaks while people upload: they are told, or their files are taken in; and whatever was taken in arrives.

mod disk;
mod objects;
mod on_nats_and_s3;
mod postgres;

use std::time::Duration;

use super::{
    load::Load,
    proof::{all_stored, nothing_is_left, tell},
};
use crate::support::{process::Process, station::Station};

/// Patient: an outage ends some time.
const PATIENT: &[(&str, &str)] =
    &[("WORKER__LEASE", "2s"), ("WORKER__TRIES", "100"), ("WORKER__FIRST_PAUSE", "100ms"), ("WORKER__LONGEST_PAUSE", "1s")];

/// How long something is away: a few seconds in `./test`, a minute in `./test chaos`.
fn outage() -> Duration {
    Duration::from_secs(std::env::var("PORTREEVE_TEST_OUTAGE").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(3))
}

/// Ten of them, one of which is long.
fn outages() -> [Duration; 10] {
    let mut all = [Duration::from_millis(300); 10];
    all[0] = outage();
    all
}

/// A server under load.
async fn begin(station: &Station) -> (Process, Load) {
    let server = station.serve(&[]);
    let ada = station.person("ada").await;
    let load = Load::start(&ada, 4);
    load.goes_on(10).await;
    (server, load)
}

/// Uploads go on, and then all is well.
async fn all_is_well(station: &Station, mut server: Process, load: Load) {
    load.goes_on(10).await;
    let refused = load.refused();
    let (ada, accepted) = (load.person(), load.stop().await);
    all_stored(&ada, &accepted).await;
    server.signal("TERM");
    assert!(server.child.wait().unwrap().success());
    let files = nothing_is_left(station, &accepted).await;
    tell(&format!("{} of {files} files were answered, and all are stored once; {refused} times somebody was refused", accepted.len()));
}
