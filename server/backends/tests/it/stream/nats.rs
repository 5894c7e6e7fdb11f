//! What only JetStream can lose.

use std::time::Duration;

use portreeve_backends::stream::{Stream, nats::Error};
use portreeve_database::{ConnectionTrait, DbErr};
use portreeve_testkit::TestDatabase;
use sea_orm::DbBackend;

use super::{Act, Doer, Rig, Running, consumer};
use crate::support::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_and_comes_back_loses_nothing() {
    let mut rig = Rig::nats().await;
    let doer = Doer::new(|_| Act::FinishAfter(Duration::from_millis(2)));
    let mut mortal = consumer("steady");
    mortal.lease = Duration::from_secs(2);
    let here = Running::start(rig.stream(), mortal.clone(), &doer);
    let there = Running::start(rig.elsewhere().await, mortal, &doer);
    for number in 0..30 {
        if number == 10 {
            rig.server.as_mut().unwrap().kill();
        }
        if number == 20 {
            rig.server.as_mut().unwrap().restart();
        }
        for key in 0..8 {
            rig.append(&format!("key-{key}"), number).await;
        }
    }
    assert_all(&rig, &doer, "steady", 30).await;
    here.stop().await;
    there.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_wiped_is_filled_again() {
    let mut rig = Rig::nats().await;
    let doer = Doer::new(|_| Act::FinishAfter(Duration::from_millis(1)));
    let running = Running::start(rig.stream(), consumer("wiped"), &doer);
    for number in 0..30 {
        if number == 10 {
            eventually("much is handled", async || doer.count() > 40).await;
        }
        if number == 20 {
            let server = rig.server.as_mut().unwrap();
            server.kill();
            server.wipe();
            server.restart();
        }
        for key in 0..8 {
            rig.append(&format!("key-{key}"), number).await;
        }
    }
    assert_all(&rig, &doer, "wiped", 30).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_while_nobody_read_survives_a_wiped_store() {
    let mut rig = Rig::nats().await;
    let hangs = Doer::new(|_| Act::Hang);
    let mut mortal = consumer("absent");
    mortal.lease = Duration::from_secs(1);
    let running = Running::start(rig.stream(), mortal.clone(), &hangs);
    for number in 0..20 {
        rig.append("key", number).await;
    }
    hangs.has_seen(1).await;
    running.kill().await;
    let server = rig.server.as_mut().unwrap();
    server.kill();
    server.wipe();
    server.restart();
    let doer = Doer::new(|_| Act::Finish);
    let running = Running::start(rig.elsewhere().await, mortal, &doer);
    doer.has_finished(20).await;
    rig.settled("absent").await;
    assert!(doer.finished("key").into_iter().eq(0..20));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_one_held_is_taken_over_by_one_of_many_however_short_the_lease() {
    let rig = Rig::nats().await;
    let hangs = Doer::new(|_| Act::Hang);
    let mut mortal = consumer("short");
    mortal.lease = Duration::from_millis(900);
    let running = Running::start(rig.elsewhere().await, mortal.clone(), &hangs);
    for number in 0..20 {
        for key in 0..4 {
            rig.append(&format!("key-{key}"), number).await;
        }
    }
    hangs.has_seen(4).await;
    running.kill().await;
    // Whoever asks for what is still held is answered when it is free, and has the time then that he needs.
    let doer = Doer::new(|_| Act::FinishAfter(Duration::from_millis(2)));
    let here = Running::start(rig.stream(), mortal.clone(), &doer);
    let there = Running::start(rig.elsewhere().await, mortal, &doer);
    doer.has_finished(80).await;
    rig.settled("short").await;
    here.stop().await;
    there.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_yet_is_waited_for() {
    let mut rig = Rig::nats().await;
    rig.server.as_mut().unwrap().kill();
    let doer = Doer::new(|_| Act::Finish);
    let running = Running::start(rig.elsewhere().await, consumer("early"), &doer);
    rig.append("key", 0).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    rig.server.as_mut().unwrap().restart();
    doer.has_finished(1).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_another_database_is_left_alone() {
    let rig = Rig::nats().await;
    let doer = Doer::new(|_| Act::Finish);
    let running = Running::start(rig.stream(), consumer("owner"), &doer);
    rig.append("key", 0).await;
    doer.has_finished(1).await;

    let other = TestDatabase::fresh().await;
    let clock = portreeve_backends::Clock::System;
    let config = rig.server.as_ref().unwrap().config();
    let stranger = Stream::nats(other.database.clone(), clock, portreeve_backends::Random::System, &config).await.unwrap();
    let nothing = Doer::new(|_| Act::Finish);
    let strange = Running::start(stranger, consumer("stranger"), &nothing);
    tokio::time::sleep(Duration::from_secs(1)).await;
    rig.append("key", 1).await;
    doer.has_finished(2).await;
    assert_eq!(nothing.count(), 0);
    strange.stop().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_names_what_an_operator_should_know() {
    let mut rig = Rig::nats().await;
    let notes = rig.stream().check().await.unwrap();
    assert!(notes.len() == 1 && notes[0].contains("sync_interval: always"), "{notes:?}");
    rig.server.as_mut().unwrap().kill();
    assert!(matches!(rig.stream().check().await, Err(Error::Server(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_database_from_a_backup_also_those_events_come_that_got_older_ones_places() {
    let rig = Rig::nats().await;
    let doer = Doer::new(|_| Act::Finish);
    let running = Running::start(rig.stream(), consumer("restored"), &doer);
    for number in 0..10 {
        rig.append("key", number).await;
    }
    doer.has_finished(10).await;
    rig.settled("restored").await;
    running.stop().await;

    // As it was after five of them. More come than are lost before anybody looks at JetStream again.
    let numbering = match rig.database().reader().get_database_backend() {
        DbBackend::Postgres => "SELECT setval('events_position_seq', 5)",
        _ => "UPDATE sqlite_sequence SET seq = 5 WHERE name = 'events'",
    };
    let kept = rig.stream().read(0, 5).await.unwrap();
    assert_eq!(kept.last().unwrap().position, 5);
    let restored = rig.database().write(async move |transaction| {
        for statement in
            [&*format!("DELETE FROM events WHERE sequence > {}", kept[4].event.sequence), "UPDATE consumers SET position = 5", numbering]
        {
            transaction.execute_unprepared(statement).await?;
        }
        Ok::<_, DbErr>(())
    });
    restored.await.unwrap();
    for number in 100..107 {
        rig.append("key", number).await;
    }
    let running = Running::start(rig.stream(), consumer("restored"), &doer);
    doer.has_finished(17).await;
    assert!(doer.finished("key").into_iter().eq((0..10).chain(100..107)), "{:?}", doer.finished("key"));
    running.stop().await;
}

/// At least once, and in order: what came again came with all that followed it.
async fn assert_all(rig: &Rig, doer: &Doer, consumer: &str, count: u64) {
    eventually("all are finished", async || {
        (0..8).all(|key| (0..count).all(|number| doer.finished(&format!("key-{key}")).contains(&number)))
    })
    .await;
    rig.settled(consumer).await;
    for key in 0..8 {
        let finished = doer.finished(&format!("key-{key}"));
        let mut first = Vec::new();
        for number in finished {
            if !first.contains(&number) {
                first.push(number);
            }
        }
        assert!(first.iter().copied().eq(0..count), "key {key} is out of order: {first:?}");
    }
}
