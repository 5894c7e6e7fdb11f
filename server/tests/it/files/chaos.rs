//! Killed at any moment, under load: nothing that was accepted is lost, nothing is stored twice, and nothing is left lying about.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt};
use portreeve::{serve::Server, state};
use portreeve_backends::{Clock, Random, clock::Manual};
use portreeve_database::{entity::file, event, file::Status};
use sea_orm::EntityTrait;

use super::load::{Accepted, Load, hex};
use crate::support::{
    Engines,
    process::Process,
    station::{Station, Uploader},
};

/// `./test` runs a few rounds; `./test chaos` many.
fn rounds() -> u64 {
    std::env::var("PORTREEVE_TEST_CHAOS_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10)
}

/// Quick to take the dead for dead, and slow to give up.
const SETTINGS: &[(&str, &str)] = &[("WORKER__LEASE", "1s"), ("WORKER__TRIES", "10"), ("WORKER__FIRST_PAUSE", "50ms")];

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_again_and_again_loses_nothing_that_it_accepted() {
    let station = Station::with(Engines::fresh().await, SETTINGS);
    let server = || station.serving(&[]);
    killed_again_and_again(&station, &[&server]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn servers_and_workers_that_are_killed_again_and_again_lose_nothing_that_was_accepted() {
    let station = Station::with(Engines::fresh().await, SETTINGS).on_postgres();
    let server = || station.serving(&["--no-worker"]);
    let worker = || station.command(&["worker"]);
    killed_again_and_again(&station, &[&server, &worker, &worker]).await;
}

/// The first of the processes takes files in.
async fn killed_again_and_again(station: &Station, commands: &[&dyn Fn() -> Command]) {
    let random = Random::seeded(7);
    let mut processes: Vec<_> = commands.iter().map(|command| start(command)).collect();
    let ada = station.person("ada").await;
    let load = Load::start(&ada, 4);
    let mut killed = vec![0; commands.len()];
    for round in 0..rounds() {
        tokio::time::sleep(life(station, &random, round)).await;
        // Together, or one of them.
        let [victims, wait] = random.bytes::<2>();
        let victims = match usize::from(victims) % (commands.len() + 1) {
            0 => 0..commands.len(),
            one => one - 1..one,
        };
        for victim in victims.clone() {
            processes[victim].signal("KILL");
            processes[victim].child.wait().unwrap();
            killed[victim] += 1;
        }
        tokio::time::sleep(Duration::from_millis(u64::from(wait) / 4)).await;
        for victim in victims {
            processes[victim] = start(&commands[victim]);
        }
    }
    let accepted = load.stop().await;
    assert!(!accepted.is_empty(), "nothing was ever accepted");
    all_stored(&ada, &accepted).await;
    for process in &mut processes {
        process.signal("TERM");
        assert!(process.child.wait().unwrap().success());
    }
    let files = nothing_is_left(station, &accepted).await;
    eprintln!("killed {killed:?} times; {} of {files} files were answered, all are stored once", accepted.len());
}

fn start(command: &dyn Fn() -> Command) -> Process {
    Process::spawn(&mut command())
}

/// Until the next kill. A relay that was killed is missed only after its lease of five seconds, so now and then there is time for one.
fn life(station: &Station, random: &Random, round: u64) -> Duration {
    let part = u64::from(u16::from_be_bytes(random.bytes()));
    let longest = if station.engines.nats.is_some() && round % 4 == 2 { 8_000 } else { 600 };
    Duration::from_millis(50 + part % longest)
}

async fn all_stored(ada: &Uploader, accepted: &Accepted) {
    let give_up = Instant::now() + Duration::from_mins(3);
    let look = |(id, sum): (&String, &String)| {
        let (id, sum) = (id.clone(), sum.clone());
        async move {
            loop {
                let file = ada.file(&id).await;
                if file["status"] == "stored" {
                    assert_eq!(file["sha256"].as_str(), Some(&*sum), "{id}");
                    break;
                }
                assert!(Instant::now() < give_up, "accepted and never stored: {file}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            assert_eq!(hex(&ada.content(&id).await), sum, "{id} is not what was sent");
        }
    };
    let looks: Vec<_> = accepted.iter().map(look).collect();
    futures::stream::iter(looks).buffer_unordered(8).collect::<()>().await;
}

/// A week later there are as many objects as stored files, and nothing else. Returns how many that are.
async fn nothing_is_left(station: &Station, accepted: &Accepted) -> usize {
    let config = station.config();
    let places = state::places(&config).unwrap();
    let clock = Manual::at(Clock::System.now() + TimeDelta::days(7));
    let server = Server::open(config, Clock::Manual(clock), Random::System).await.unwrap();
    server.services.housekeep().await.unwrap();
    assert_eq!(server.services.stream().dead_letters(None, None, 10).await.unwrap(), []);

    let db = server.services.database().reader();
    let rows = file::Entity::find().all(db).await.unwrap();
    assert!(rows.iter().all(|row| row.status == Status::Stored), "what was never finished has expired");
    // Each upload has bytes of its own, and was sent again until it was answered.
    let mut by_sum: HashMap<_, Vec<_>> = HashMap::new();
    for row in &rows {
        by_sum.entry(row.sha256.clone()).or_default().push(row.id);
    }
    assert!(by_sum.len() == rows.len(), "stored twice: {:?}", by_sum.values().filter(|ids| ids.len() > 1).collect::<Vec<_>>());
    for id in accepted.keys() {
        let events = event::find_of_subject(db, id).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.r#type == "file.stored").count(), 1, "{id}");
    }

    assert_eq!(places.staging.list().await.unwrap(), []);
    let objects: Vec<_> = places.objects.list("").map_ok(|object| object.key).try_collect().await.unwrap();
    let mut objects: Vec<_> = objects.into_iter().filter(|key| key != "staging/identity").collect();
    objects.sort();
    let mut keys: Vec<_> = rows.iter().map(|row| format!("uploads/{}.{}", row.id, row.extension)).collect();
    keys.sort();
    assert_eq!(objects, keys);
    match &station.engines.s3 {
        Some(server) => assert_eq!(server.unfinished(), 0),
        // Half-written ones are in no list.
        None => assert_eq!((files(&station.data().join("staging")), files(&station.data().join("objects"))), (0, keys.len())),
    }
    rows.len()
}

/// How many there are, whatever their names, but for those that begin with a dot.
fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let count = |entry: fs::DirEntry| if entry.path().is_dir() { files(&entry.path()) } else { 1 };
    entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.')).map(count).sum()
}
