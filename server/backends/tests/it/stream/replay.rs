//! Reading again.

use std::time::Duration;

use portreeve_backends::stream::{ReplayFrom, Unknown};

use super::{Act, Doer, Rig, Running, consumer, event, on_each_stream};
use crate::support::eventually;

on_each_stream! {
    from_the_beginning_the_same_events_come_in_the_same_order,
    from_a_position_and_from_a_time_the_later_ones_come,
    others_are_left_alone,
    what_comes_meanwhile_waits_for_its_turn,
    what_is_in_hands_meanwhile_is_waited_for,
}

async fn from_the_beginning_the_same_events_come_in_the_same_order(rig: Rig) {
    let doer = Doer::new(|_| Act::Finish);
    let mut single = consumer("single");
    single.parallelism = 1;
    let running = Running::start(rig.stream(), single, &doer);
    for number in 0..20 {
        rig.append_all((0..5).map(|key| event("file.accepted", &format!("key-{key}"), number)).collect()).await;
    }
    doer.has_finished(100).await;
    rig.settled("single").await;
    rig.stream().replay("single", ReplayFrom::Beginning).await.unwrap();
    doer.has_finished(200).await;
    rig.settled("single").await;

    let replayed: Vec<_> = doer.seen()[100..].iter().map(|seen| seen.bytes.clone()).collect();
    assert_eq!(replayed, rig.everything().await);
    running.stop().await;
}

async fn from_a_position_and_from_a_time_the_later_ones_come(rig: Rig) {
    let doer = Doer::new(|_| Act::Finish);
    let running = Running::start(rig.stream(), consumer("partly"), &doer);
    for number in 0..6 {
        rig.append("key", number).await;
    }
    doer.has_finished(6).await;
    rig.settled("partly").await;

    let fourth = doer.seen()[3].position;
    rig.stream().replay("partly", ReplayFrom::Position(fourth)).await.unwrap();
    doer.has_finished(9).await;
    rig.settled("partly").await;
    let time = rig.stream().read(fourth, 1).await.unwrap()[0].event.time;
    rig.stream().replay("partly", ReplayFrom::Time(time)).await.unwrap();
    doer.has_finished(11).await;
    rig.settled("partly").await;
    assert_eq!(doer.finished("key"), [0, 1, 2, 3, 4, 5, 3, 4, 5, 4, 5]);
    running.stop().await;
}

async fn others_are_left_alone(rig: Rig) {
    let (one, other) = (Doer::new(|_| Act::Finish), Doer::new(|_| Act::Finish));
    let running = [Running::start(rig.stream(), consumer("one"), &one), Running::start(rig.stream(), consumer("other"), &other)];
    rig.append("key", 0).await;
    one.has_finished(1).await;
    other.has_finished(1).await;
    rig.settled("one").await;
    rig.stream().replay("one", ReplayFrom::Beginning).await.unwrap();
    one.has_finished(2).await;
    rig.settled("other").await;
    assert_eq!(other.count(), 1);
    assert!(matches!(rig.stream().replay("nobody", ReplayFrom::Beginning).await, Err(Unknown::Consumer(_))));
    for running in running {
        running.stop().await;
    }
}

async fn what_comes_meanwhile_waits_for_its_turn(rig: Rig) {
    let doer = Doer::new(|_| Act::FinishAfter(Duration::from_millis(5)));
    let running = Running::start(rig.stream(), consumer("meanwhile"), &doer);
    rig.append_all((0..50).map(|number| event("file.accepted", "key", number)).collect()).await;
    doer.has_finished(50).await;
    rig.settled("meanwhile").await;
    rig.stream().replay("meanwhile", ReplayFrom::Beginning).await.unwrap();
    rig.append("key", 50).await;
    doer.has_finished(101).await;
    assert!(doer.finished("key")[50..].iter().copied().eq(0..=50));
    running.stop().await;
}

async fn what_is_in_hands_meanwhile_is_waited_for(rig: Rig) {
    let doer = Doer::new(|seen| Act::FinishAfter(Duration::from_millis(if seen.key == "key" && seen.number == 1 { 3000 } else { 20 })));
    let here = Running::start(rig.stream(), consumer("in-hands"), &doer);
    let there = Running::start(rig.elsewhere().await, consumer("in-hands"), &doer);
    rig.append("other", 0).await;
    doer.has_finished(1).await;
    for number in 0..3 {
        rig.append("key", number).await;
    }
    doer.has_seen(3).await;
    rig.elsewhere().await.replay("in-hands", ReplayFrom::Beginning).await.unwrap();
    eventually("the last one is finished", async || doer.finished("key").ends_with(&[0, 2]) || doer.finished("key").ends_with(&[1, 2]))
        .await;
    rig.settled("in-hands").await;

    doer.count(); // never two of a key at once
    // The one in hands may be read again or not.
    let finished = doer.finished("key");
    assert!(finished == [0, 1, 0, 2] || finished == [0, 1, 0, 1, 2], "{finished:?}");
    let seen = doer.seen();
    let again = |key: &str| seen.iter().enumerate().filter(|(_, seen)| seen.key == key && seen.number == 0).nth(1).unwrap().0;
    assert!(again("other") < again("key"), "another key waited along");
    here.stop().await;
    there.stop().await;
}
