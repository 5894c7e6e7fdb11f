//! At least once, those of a key in order and one at a time, keys side by side.

use std::{sync::Arc, time::Duration};

use super::{Act, Doer, Rig, Running, consumer, event, on_each_stream};

on_each_stream! {
    events_of_a_key_come_one_at_a_time_and_in_order,
    keys_go_side_by_side_and_no_more_of_them_than_asked_for,
    a_consumer_gets_what_it_wants_and_nothing_else,
    consumers_read_each_for_itself,
    what_was_appended_before_anybody_read_is_read,
    a_thousand_events_by_two_processes_are_each_handled_once,
}

async fn events_of_a_key_come_one_at_a_time_and_in_order(rig: Rig) {
    // The doer notices two of a key at once, in whichever process.
    let doer = Doer::new(|seen| Act::FinishAfter(Duration::from_millis(seen.number * 7 % 5)));
    let here = Running::start(rig.stream(), consumer("ordered"), &doer);
    let there = Running::start(rig.elsewhere().await, consumer("ordered"), &doer);
    for number in 0..12 {
        for key in 0..10 {
            rig.append(&format!("key-{key}"), number).await;
        }
    }
    doer.has_finished(120).await;
    rig.settled("ordered").await;
    for key in 0..10 {
        assert_eq!(doer.finished(&format!("key-{key}")), (0..12).collect::<Vec<_>>());
    }
    here.stop().await;
    there.stop().await;
}

async fn keys_go_side_by_side_and_no_more_of_them_than_asked_for(rig: Rig) {
    let doer = Doer::new(|_| Act::FinishAfter(Duration::from_millis(200)));
    for key in 0..12 {
        rig.append(&format!("key-{key}"), 0).await;
    }
    let mut three = consumer("three");
    three.parallelism = 3;
    let running = Running::start(rig.stream(), three, &doer);
    doer.has_finished(12).await;
    assert_eq!(doer.most(), 3);
    running.stop().await;
}

async fn a_consumer_gets_what_it_wants_and_nothing_else(rig: Rig) {
    let doer = Doer::new(|_| Act::Finish);
    let wanted = ["user.signed_up", "file.accepted", "user.erased", "file.stored", "filed", "user.signed_up"];
    rig.append_all(wanted.iter().zip(0..).map(|(r#type, number)| event(r#type, "one", number)).collect()).await;
    let mut some = consumer("some");
    some.types = &["file.*", "user.erased"];
    let running = Running::start(rig.stream(), some, &doer);
    doer.has_finished(3).await;
    rig.settled("some").await;
    assert_eq!(doer.finished("one"), [1, 2, 3]);
    running.stop().await;
}

async fn consumers_read_each_for_itself(rig: Rig) {
    let (first, second) = (Doer::new(|_| Act::Finish), Doer::new(|_| Act::Fail));
    let one = Running::start(rig.stream(), consumer("one"), &first);
    let other = Running::start(rig.stream(), consumer("other"), &second);
    for number in 0..5 {
        rig.append("key", number).await;
    }
    first.has_finished(5).await;
    second.has_seen(20).await;
    assert_eq!(first.finished("key"), [0, 1, 2, 3, 4]);
    one.stop().await;
    other.stop().await;
}

async fn what_was_appended_before_anybody_read_is_read(rig: Rig) {
    for number in 0..3 {
        rig.append("key", number).await;
    }
    let doer = Doer::new(|_| Act::Finish);
    let running = Running::start(rig.stream(), consumer("late"), &doer);
    doer.has_finished(3).await;
    // A stop hands back what is finished and not yet noted.
    rig.settled("late").await;
    running.stop().await;
    rig.append("key", 3).await;
    let running = Running::start(rig.elsewhere().await, consumer("late"), &doer);
    doer.has_finished(4).await;
    rig.settled("late").await;
    assert_eq!(doer.finished("key"), [0, 1, 2, 3]);
    running.stop().await;
}

async fn a_thousand_events_by_two_processes_are_each_handled_once(rig: Rig) {
    const KEYS: u64 = 40;
    let doers = [Doer::new(|_| Act::Finish), Doer::new(|_| Act::Finish)];
    let here = Running::start(rig.stream(), consumer("many"), &doers[0]);
    let there = Running::start(rig.elsewhere().await, consumer("many"), &doers[1]);
    for number in 0..1000 / KEYS {
        rig.append_all((0..KEYS).map(|key| event("file.accepted", &format!("key-{key}"), number)).collect()).await;
    }
    rig.settled("many").await;
    let all = |doers: &[Arc<Doer>]| doers.iter().map(|doer| doer.count()).sum::<usize>();
    assert_eq!(all(&doers), 1000);
    for key in 0..KEYS {
        let mut seen: Vec<_> = doers.iter().flat_map(|doer| doer.seen()).filter(|seen| seen.key == format!("key-{key}")).collect();
        seen.sort_by_key(|seen| seen.at);
        assert!(seen.iter().map(|seen| seen.number).eq(0..1000 / KEYS), "key {key} is out of order");
    }
    here.stop().await;
    there.stop().await;
}
