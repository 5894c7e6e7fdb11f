//! How long events are kept.

use chrono::{DateTime, TimeDelta};

use super::{Act, Doer, Rig, Running, consumer, on_each_stream};
use crate::support::now;

on_each_stream! {
    an_event_is_kept_for_its_time_and_as_long_as_anybody_is_owed_it,
}

async fn an_event_is_kept_for_its_time_and_as_long_as_anybody_is_owed_it(rig: Rig) {
    const MANY: u64 = 1_000_000;
    let (ever, never) = (DateTime::UNIX_EPOCH, now() + TimeDelta::hours(1));
    let stream = rig.stream();
    for number in 0..10 {
        rig.append("key", number).await;
    }
    assert_eq!(stream.forget(never, 1).await.unwrap(), 0, "nobody has read them");

    let doer = Doer::new(|seen| if seen.number == 5 { Act::FailForGood } else { Act::Finish });
    let running = Running::start(rig.stream(), consumer("reads"), &doer);
    doer.has_finished(9).await;
    rig.settled("reads").await;
    assert_eq!(stream.forget(ever, MANY).await.unwrap(), 0, "neither old nor too many");
    assert_eq!(stream.forget(ever, 3).await.unwrap(), 6, "all but the last three and the one that was given up");
    assert_eq!(stream.read(0, 10).await.unwrap().len(), 4);
    assert_eq!(stream.forget(never, MANY).await.unwrap(), 3, "old ones, but for the one that was given up");

    let letter = stream.dead_letters(None, None, 10).await.unwrap().remove(0);
    stream.drop_dead_letter(letter.id).await.unwrap();
    assert_eq!(stream.forget(never, MANY).await.unwrap(), 1);
    running.stop().await;
}
