//! What an operator sees, and does about many at once.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use super::{Act, Doer, Rig, Running, consumer, event, on_each_stream};
use crate::support::eventually;

on_each_stream! {
    what_is_finished_is_counted_once,
    all_dead_letters_are_sent_again_at_once,
    one_that_dies_again_at_once_is_not_sent_twice,
    what_is_sent_again_waits_for_what_is_in_hands_of_its_key,
    the_first_event_that_is_kept_is_told,
}

async fn what_is_finished_is_counted_once(rig: Rig) {
    let doer = Doer::new(|seen| if seen.number == 7 && seen.failures == 0 { Act::Fail } else { Act::Finish });
    let processes =
        [Running::start(rig.stream(), consumer("counted"), &doer), Running::start(rig.elsewhere().await, consumer("counted"), &doer)];
    rig.append_all((0..30).map(|number| event("file.accepted", &format!("key-{}", number % 5), number)).collect()).await;
    rig.append("key-1", 30).await;
    doer.has_finished(31).await;
    rig.settled("counted").await;
    for process in processes {
        process.stop().await;
    }
    let info = rig.stream().consumers().await.unwrap().remove(0);
    // One minute may have ended meanwhile, of which a part is counted.
    assert!(info.handled == 31 && (1..=31).contains(&info.handled_lately), "{info:?}");
}

async fn all_dead_letters_are_sent_again_at_once(rig: Rig) {
    // More than are sent in one transaction.
    const LETTERS: usize = 150;
    let doer = Doer::new(|seen| if seen.number == 0 { Act::FailForGood } else { Act::Finish });
    let running = Running::start(rig.stream(), consumer("many"), &doer);
    rig.append_all((0..LETTERS).map(|key| event("file.accepted", &format!("key-{key}"), 0)).collect()).await;
    let stream = rig.stream();
    let letters = async || stream.dead_letters(None, None, 1000).await.unwrap();
    eventually("all are dead letters", async || letters().await.len() == LETTERS).await;
    rig.settled("many").await;
    let first = letters().await;

    assert_eq!(stream.redrive_all(Some("another")).await.unwrap(), 0);
    assert_eq!(stream.redrive_all(Some("many")).await.unwrap(), LETTERS as u64);
    eventually("they all died again", async || letters().await.len() == LETTERS).await;
    assert!(letters().await.iter().all(|letter| !first.iter().any(|before| before.id == letter.id)));
    assert_eq!(doer.seen().len(), 2 * LETTERS, "each once more");
    running.stop().await;
}

async fn one_that_dies_again_at_once_is_not_sent_twice(rig: Rig) {
    const LETTERS: usize = 100;
    let doer = Doer::new(|_| Act::FailForGood);
    let stream = rig.standing_still().await;
    let running = Running::start(stream.clone(), consumer("many"), &doer);
    rig.append_all((0..LETTERS).map(|key| event("file.accepted", &format!("key-{key}"), 0)).collect()).await;
    let are_dead =
        async || eventually("all are dead letters", async || stream.dead_letters(None, None, 1000).await.unwrap().len() == LETTERS).await;
    are_dead().await;
    // What must wait for its own message is put off, and this clock stands still.
    rig.settled("many").await;
    for _ in 0..5 {
        assert_eq!(stream.redrive_all(None).await.unwrap(), LETTERS as u64);
        are_dead().await;
    }
    assert_eq!(doer.seen().len(), 6 * LETTERS);
    running.stop().await;
}

async fn what_is_sent_again_waits_for_what_is_in_hands_of_its_key(rig: Rig) {
    let times = AtomicU32::new(0);
    let doer = Doer::new(move |seen| match seen.number {
        0 if times.fetch_add(1, Ordering::Relaxed) == 0 => Act::FailForGood,
        1 => Act::FinishAfter(Duration::from_secs(2)),
        _ => Act::Finish,
    });
    let here = Running::start(rig.stream(), consumer("again"), &doer);
    let there = Running::start(rig.elsewhere().await, consumer("again"), &doer);
    rig.append("key", 0).await;
    rig.append("key", 1).await;
    doer.has_seen(2).await;
    assert_eq!(rig.elsewhere().await.redrive_all(None).await.unwrap(), 1);
    doer.has_finished(2).await;
    assert_eq!(doer.finished("key"), [1, 0]);
    rig.settled("again").await;
    here.stop().await;
    there.stop().await;
}

async fn the_first_event_that_is_kept_is_told(rig: Rig) {
    let stream = rig.stream();
    assert_eq!(stream.first().await.unwrap(), None);
    rig.append("one", 0).await;
    rig.append("other", 1).await;
    stream.give_positions().await.unwrap();
    assert_eq!(stream.first().await.unwrap(), stream.read(0, 10).await.unwrap().into_iter().next());
}
