//! The disk is full: no file may grow beyond a size, which a write feels just so.

use std::{path::Path, process::Command};

use super::{PATIENT, all_is_well};
use crate::{
    files::load::Load,
    support::{Engines, process::Process, station::Station},
};

/// The server, none of whose files may have more than so many bytes.
fn serve_with(station: &Station, bytes: u64) -> Process {
    let command = station.serving(&[]);
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" serve", bytes / 512);
    let mut limited = Command::new("sh");
    limited.args(["-c", &script]).arg(command.get_program());
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Process::spawn(&mut limited)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_staging_refuses_what_it_cannot_keep_and_takes_the_rest() {
    let station = Station::with(Engines::fresh().await.in_a_folder(), PATIENT);
    // More than the database's log grows to before it begins anew.
    let server = serve_with(&station, 12 << 20);
    let ada = station.person("ada").await;
    let load = Load::start(&ada, 4);
    load.goes_on(10).await;
    for _ in 0..10 {
        let (status, problem) = ada.try_upload(vec![7; 16 << 20]).await.unwrap();
        assert_eq!((status, problem["code"].as_str()), (507, Some("storage_full")), "{problem}");
        load.goes_on(1).await;
    }
    drop(server);
    all_is_well(&station, station.serve(&[]), load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_sqlite_refuses_and_loses_nothing() {
    let station = Station::with(Engines::default(), PATIENT);
    let mut server = station.serve(&[]);
    let ada = station.person("ada").await;
    let load = Load::start(&ada, 4);
    for _ in 0..10 {
        load.goes_on(10).await;
        drop(server);
        let limited = serve_with(&station, longest(station.data()) + (100 << 10));
        load.is_refused(20).await;
        drop(limited);
        server = station.serve(&[]);
    }
    all_is_well(&station, server, load).await;
}

/// Bytes of the longest of a folder's files.
fn longest(folder: &Path) -> u64 {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).max().unwrap()
}
