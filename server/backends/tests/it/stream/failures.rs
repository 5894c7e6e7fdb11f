//! What fails is tried again, then put aside.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use portreeve_backends::stream::Unknown;

use super::{Act, Doer, Rig, Running, consumer, on_each_stream};

on_each_stream! {
    what_fails_is_tried_again_after_longer_and_longer_pauses,
    after_the_last_try_it_is_a_dead_letter_and_its_key_goes_on,
    what_can_never_work_is_tried_once,
    a_panic_is_a_failure_like_any_other,
    a_poisoned_event_holds_up_its_key_alone,
    a_dead_letter_that_is_sent_again_is_handled,
    a_dead_letter_that_is_thrown_away_is_gone,
}

async fn what_fails_is_tried_again_after_longer_and_longer_pauses(rig: Rig) {
    let doer = Doer::new(|seen| if seen.number == 0 && seen.failures < 3 { Act::Fail } else { Act::Finish });
    let mut patient = consumer("patient");
    patient.first_pause = Duration::from_millis(200);
    let running = Running::start(rig.stream(), patient, &doer);
    rig.append("key", 0).await;
    rig.append("key", 1).await;
    doer.has_finished(2).await;
    rig.settled("patient").await;

    let seen = doer.seen();
    assert_eq!(seen.iter().map(|seen| (seen.number, seen.failures)).collect::<Vec<_>>(), [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)]);
    for (tries, pair) in seen[..4].windows(2).enumerate() {
        // A random half of the pause may be left out.
        let least = Duration::from_millis(100 << tries);
        assert!(pair[1].at - pair[0].at >= least, "the pause after failure {} was {:?}", tries + 1, pair[1].at - pair[0].at);
    }
    assert!(rig.stream().dead_letters(None, None, 10).await.unwrap().is_empty());
    running.stop().await;
}

async fn after_the_last_try_it_is_a_dead_letter_and_its_key_goes_on(rig: Rig) {
    let doer = Doer::new(|seen| if seen.number == 0 { Act::Fail } else { Act::Finish });
    let running = Running::start(rig.stream(), consumer("unlucky"), &doer);
    rig.append("key", 0).await;
    rig.append("key", 1).await;
    doer.has_finished(1).await;
    rig.settled("unlucky").await;

    assert_eq!(doer.seen().iter().map(|seen| seen.number).collect::<Vec<_>>(), [0, 0, 0, 0, 1]);
    assert_eq!(doer.gave_up.load(Ordering::Relaxed), 1);
    let letters = rig.stream().dead_letters(Some("unlucky"), None, 10).await.unwrap();
    let [letter] = &letters[..] else { panic!("one dead letter, not {letters:?}") };
    assert_eq!((letter.failures, letter.key.as_str(), letter.position), (4, "key", doer.seen()[0].position));
    assert_eq!(letter.event.to_string(), rig.everything().await[0]);
    let errors = letter.errors.as_array().unwrap();
    assert_eq!(errors.len(), 4);
    assert!(errors.iter().all(|error| error["error"] == "not now" && error["time"].is_string()));
    running.stop().await;
}

async fn what_can_never_work_is_tried_once(rig: Rig) {
    let doer = Doer::new(|_| Act::FailForGood);
    let running = Running::start(rig.stream(), consumer("hopeless"), &doer);
    rig.append("key", 0).await;
    doer.has_seen(1).await;
    rig.settled("hopeless").await;
    assert_eq!(doer.seen().len(), 1);
    let letters = rig.stream().dead_letters(None, None, 10).await.unwrap();
    assert_eq!((letters.len(), letters[0].failures), (1, 1));
    running.stop().await;
}

async fn a_panic_is_a_failure_like_any_other(rig: Rig) {
    let doer = Doer::new(|seen| if seen.failures == 0 { Act::Panic } else { Act::Finish });
    let running = Running::start(rig.stream(), consumer("jumpy"), &doer);
    rig.append("key", 0).await;
    doer.has_finished(1).await;
    assert_eq!(doer.seen().len(), 2);
    running.stop().await;
}

async fn a_poisoned_event_holds_up_its_key_alone(rig: Rig) {
    let doer = Doer::new(|seen| if seen.key == "poisoned" { Act::Fail } else { Act::Finish });
    let mut slow = consumer("slow");
    slow.first_pause = Duration::from_mins(10);
    let running = Running::start(rig.stream(), slow, &doer);
    for number in 0..5 {
        rig.append("poisoned", number).await;
        // Enough of them for one that shares the partition, whichever that is.
        for key in 0..40 {
            rig.append(&format!("key-{key}"), number).await;
        }
    }
    doer.has_finished(200).await;
    assert_eq!(doer.seen().iter().filter(|seen| seen.key == "poisoned").count(), 1);
    for key in 0..40 {
        assert_eq!(doer.finished(&format!("key-{key}")), [0, 1, 2, 3, 4]);
    }
    running.stop().await;
}

async fn a_dead_letter_that_is_sent_again_is_handled(rig: Rig) {
    let broken = Arc::new(AtomicBool::new(true));
    let cause = broken.clone();
    let doer = Doer::new(move |_| if cause.load(Ordering::Relaxed) { Act::Fail } else { Act::Finish });
    let running = Running::start(rig.stream(), consumer("again"), &doer);
    rig.append("key", 0).await;
    doer.has_seen(4).await;
    rig.settled("again").await;
    let letter = rig.stream().dead_letters(None, None, 10).await.unwrap().remove(0);

    // The cause is still there: again as many tries as at first, then the same letter.
    rig.stream().redrive(letter.id).await.unwrap();
    assert!(matches!(rig.stream().redrive(letter.id).await, Err(Unknown::DeadLetter(_))));
    doer.has_seen(8).await;
    rig.settled("again").await;
    let letter = rig.stream().dead_letters(None, None, 10).await.unwrap().remove(0);

    broken.store(false, Ordering::Relaxed);
    rig.stream().redrive(letter.id).await.unwrap();
    doer.has_finished(1).await;
    rig.settled("again").await;
    assert_eq!(doer.seen().len(), 9);
    assert!(rig.stream().dead_letters(None, None, 10).await.unwrap().is_empty());
    running.stop().await;
}

async fn a_dead_letter_that_is_thrown_away_is_gone(rig: Rig) {
    let doer = Doer::new(|_| Act::FailForGood);
    let running = Running::start(rig.stream(), consumer("gone"), &doer);
    rig.append("key", 0).await;
    doer.has_seen(1).await;
    rig.settled("gone").await;
    let letter = rig.stream().dead_letters(None, None, 10).await.unwrap().remove(0);
    rig.stream().drop_dead_letter(letter.id).await.unwrap();
    assert!(matches!(rig.stream().dead_letter(letter.id).await, Err(Unknown::DeadLetter(_))));
    running.stop().await;
}
