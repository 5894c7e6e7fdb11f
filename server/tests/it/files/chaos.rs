//! Killed at any moment, under load: nothing that was accepted is lost, nothing is stored twice, and nothing is left lying about.

use std::{process::Command, time::Duration};

use portreeve_backends::Random;

use super::{
    load::Load,
    proof::{all_stored, nothing_is_left, tell},
};
use crate::support::{Engines, process::Process, station::Station};

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
    let load = Load::start(&ada, 6);
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
    tell(&format!("killed {killed:?} times; {} of {files} files were answered, and all are stored once", accepted.len()));
}

fn start(command: &dyn Fn() -> Command) -> Process {
    Process::spawn(&mut command())
}

/// Until the next kill. A relay that was killed is missed only after its lease of five seconds, so now and then there is time for one.
fn life(station: &Station, random: &Random, round: u64) -> Duration {
    let part = u64::from(u16::from_be_bytes(random.bytes()));
    let longest = if station.engines.nats.is_some() && round % 4 == 2 { 8_000 } else { 1000 };
    Duration::from_millis(50 + part % longest)
}
