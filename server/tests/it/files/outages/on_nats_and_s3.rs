//! What happens to NATS and to S3, each test's own. `./test` leaves these out on the combinations that have neither.

use std::{process::Command, time::Duration};

use portreeve_backends::Random;
use portreeve_testkit::{Proxy, nats, s3};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{PATIENT, all_is_well, begin, outages, tell};
use crate::support::{Engines, station::Station};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL, NATS and S3"]
async fn a_bucket_that_is_away_for_a_while_refuses_and_loses_nothing() {
    let mut station = Station::with(Engines::fresh().await, PATIENT);
    let (server, load) = begin(&station).await;
    for away in outages() {
        bucket(&mut station).stop();
        // Uploads wait in the bucket too.
        load.is_refused(1).await;
        tokio::time::sleep(away).await;
        bucket(&mut station).restart();
        load.goes_on(10).await;
    }
    all_is_well(&station, server, load).await;
}

#[test]
#[ignore = "needs PostgreSQL, NATS and S3"]
fn a_bucket_whose_disk_is_full_refuses_and_loses_nothing() {
    const AGAIN: &str = "PORTREEVE_TEST_AGAIN";
    if std::env::var_os(AGAIN).is_none() {
        // The service is a part of the test's process, which therefore has to be one that no other test is in: what fills its disk is a limit of
        // the process, under which no file grows. Of the signal that tells of it nobody may die.
        let mut alone = Command::new("sh");
        alone.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(std::env::current_exe().unwrap()).args([
            "--exact",
            "--ignored",
            "--nocapture",
        ]);
        let output =
            alone.arg(concat!(module_path!(), "::a_bucket_whose_disk_is_full_refuses_and_loses_nothing").split_once("::").unwrap().1);
        let output = output.env(AGAIN, "1").output().unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && told.contains("1 passed"), "{told}");
        return;
    }
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let station = Station::with(Engines::fresh().await, PATIENT);
        let (server, load) = begin(&station).await;
        let room = getrlimit(Resource::Fsize);
        for full in outages() {
            setrlimit(Resource::Fsize, Rlimit { current: Some(0), ..room }).unwrap();
            load.is_refused(20).await;
            tokio::time::sleep(full).await;
            setrlimit(Resource::Fsize, room).unwrap();
            load.goes_on(10).await;
        }
        all_is_well(&station, server, load).await;
    });
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL, NATS and S3"]
async fn connections_to_a_bucket_that_break_in_the_middle_lose_nothing() {
    let mut engines = Engines::fresh().await;
    let proxy = Proxy::start(engines.s3.as_ref().expect("an S3").address()).await;
    engines.s3_by_way_of = Some(proxy.address());
    let station = Station::with(engines, PATIENT);
    let (server, load) = begin(&station).await;
    let random = Random::seeded(3);
    for round in 0..20 {
        let bytes = u64::from(u32::from_be_bytes(random.bytes())) % (1 << 20);
        if round % 2 == 0 {
            proxy.reset_after(bytes);
        } else {
            proxy.reset_answers_after(bytes / 256);
        }
        tokio::time::sleep(Duration::from_millis(100 + bytes % 200)).await;
        proxy.pass();
        tokio::time::sleep(Duration::from_millis(bytes % 200)).await;
    }
    let broken = proxy.breaks();
    tell(&format!("connections to the bucket broke {broken} times"));
    assert!(broken >= 5, "hardly a connection broke: {broken}");
    all_is_well(&station, server, load).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL, NATS and S3"]
async fn a_nats_that_is_away_for_a_while_delays_and_loses_nothing() {
    let mut nats = nats::Server::start();
    let station = Station::with(Engines::fresh().await.on(&nats), PATIENT);
    let (server, load) = begin(&station).await;
    for away in outages() {
        nats.kill();
        // The events wait in the database.
        load.goes_on(10).await;
        tokio::time::sleep(away).await;
        nats.restart();
        load.goes_on(10).await;
    }
    all_is_well(&station, server, load).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL, NATS and S3"]
async fn a_nats_that_lost_all_is_filled_again_and_nothing_is_lost() {
    let mut nats = nats::Server::start();
    let station = Station::with(Engines::fresh().await.on(&nats), PATIENT);
    let (server, load) = begin(&station).await;
    for _ in 0..10 {
        nats.kill();
        nats.wipe();
        load.goes_on(5).await;
        nats.restart();
        load.goes_on(5).await;
    }
    all_is_well(&station, server, load).await;
}

fn bucket(station: &mut Station) -> &mut s3::Server {
    station.engines.s3.as_mut().expect("an S3")
}
