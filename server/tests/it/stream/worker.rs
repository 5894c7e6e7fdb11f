//! `portreeve worker` and `serve --no-worker`: the work in processes of its own.

use std::time::{Duration, Instant};

use crate::support::{
    Engines,
    process::{Process, fails},
    station::Station,
};

fn start(station: &Station) -> Process {
    Process::spawn(&mut station.command(&["worker"]))
}

/// Told to stop, it does so soon and well.
fn stop(mut worker: Process) {
    let told = Instant::now();
    worker.signal("TERM");
    assert_eq!(worker.child.wait().unwrap().code(), Some(0));
    assert!(told.elapsed() < Duration::from_secs(15), "{:?}", told.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_the_server_does_the_work_itself() {
    let station = Station::on(Engines::default());
    for arguments in [&["worker"][..], &["serve", "--no-worker"]] {
        let error = fails(&mut station.command(arguments));
        assert!(error.contains("SQLite") && error.contains("postgres"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_server_takes_in_and_workers_store() {
    let station = Station::new().await.on_postgres();
    let server = station.serve(&["--no-worker"]);
    let ada = station.person("ada").await;
    let mut files = Vec::new();
    for number in 0..20 {
        files.push(ada.upload(format!("number {number}")).await);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(ada.status(&files[0]).await, "accepted", "nobody works");
    assert!(!station.data().join("mail").exists(), "and nobody sends mails");

    let workers = [start(&station), start(&station)];
    for file in &files {
        ada.becomes(file, "stored").await;
    }
    assert_eq!(station.lines(&["stream", "read", "--filter", "file.stored"]).len(), files.len(), "each once");
    workers.into_iter().for_each(stop);
    // All have said what they handled.
    assert_eq!(station.consumer("store-files")["handled"], files.len());
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn what_a_worker_is_at_when_it_is_told_to_stop_is_taken_up_by_the_next_at_once() {
    let station = Station::new().await.on_postgres();
    let server = station.serve(&["--no-worker"]);
    let ada = station.person("ada").await;
    let file = ada.upload(vec![7; 96 << 20]).await;
    let worker = start(&station);
    let begun = Instant::now();
    while ada.status(&file).await == "accepted" && begun.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    stop(worker);
    assert_eq!(ada.status(&file).await, "storing", "it was stopped in the middle");

    // Long before the lease of a minute is over.
    let worker = start(&station);
    ada.becomes(&file, "stored").await;
    stop(worker);
    drop(server);
}

mod on_nats_and_s3 {
    use std::fs::{self, File};

    use crate::support::{
        process::Process,
        station::{Station, until},
    };

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs NATS"]
    async fn every_process_says_at_its_start_when_jetstream_syncs() {
        let station = Station::new().await.on_postgres();
        for arguments in [&["serve"][..], &["serve", "--no-worker"], &["worker"]] {
            let log = station.data().join("log");
            let mut command = station.command(arguments);
            let process = Process::spawn_logging(command.env("PORTREEVE__LOG__LEVEL", "warn"), File::create(&log).unwrap());
            until("it says so", || fs::read_to_string(&log).unwrap().contains("sync_interval: always"));
            drop(process);
        }
    }
}
