//! Who has an event, and what becomes of it when that one stops, dies, or takes long.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use parking_lot::Mutex;
use portreeve_backends::{
    Clock, Random,
    stream::{Delivery, Failure, Handler, Lost, Stream, Ticket},
};
use portreeve_database::DbErr;

use super::{Act, Doer, Rig, Running, consumer, on_each_stream};
use crate::support::eventually;

on_each_stream! {
    who_stops_hands_back_at_once_and_without_a_failure,
    what_a_dead_one_held_is_taken_over_after_its_lease,
    long_work_is_left_to_who_does_it,
    who_was_taken_for_dead_can_complete_nothing,
    what_is_completed_in_a_transaction_counts_with_it,
}

async fn who_stops_hands_back_at_once_and_without_a_failure(rig: Rig) {
    let (hangs, works) = (Doer::new(|_| Act::Hang), Doer::new(|_| Act::Finish));
    let here = Running::start(rig.stream(), consumer("polite"), &hangs);
    rig.append("key", 0).await;
    rig.append("key", 1).await;
    hangs.has_seen(1).await;
    let there = Running::start(rig.elsewhere().await, consumer("polite"), &works);
    here.stop().await;
    works.has_finished(2).await;
    assert_eq!(works.seen()[0].failures, 0);
    assert_eq!(works.finished("key"), [0, 1]);
    there.stop().await;
}

async fn what_a_dead_one_held_is_taken_over_after_its_lease(rig: Rig) {
    let (hangs, works) = (Doer::new(|_| Act::Hang), Doer::new(|_| Act::Finish));
    let mut mortal = consumer("mortal");
    mortal.lease = Duration::from_millis(1500);
    let here = Running::start(rig.stream(), mortal.clone(), &hangs);
    rig.append("key", 0).await;
    rig.append("key", 1).await;
    hangs.has_seen(1).await;
    here.kill().await;
    let there = Running::start(rig.elsewhere().await, mortal, &works);
    works.has_finished(2).await;
    assert_eq!(works.finished("key"), [0, 1]);
    assert!(works.seen()[0].at - hangs.seen()[0].at >= Duration::from_secs(1), "it was still alive");
    there.stop().await;
}

async fn long_work_is_left_to_who_does_it(rig: Rig) {
    let (slow, idle) = (Doer::new(|_| Act::FinishAfter(Duration::from_secs(3))), Doer::new(|_| Act::Finish));
    let mut brisk = consumer("brisk");
    brisk.lease = Duration::from_millis(900);
    let here = Running::start(rig.stream(), brisk.clone(), &slow);
    rig.append("key", 0).await;
    slow.has_seen(1).await;
    let there = Running::start(rig.elsewhere().await, brisk, &idle);
    slow.has_finished(1).await;
    rig.settled("brisk").await;
    assert_eq!((slow.seen().len(), idle.seen().len()), (1, 0));
    here.stop().await;
    there.stop().await;
}

/// Gives its tickets away.
#[derive(Default)]
struct Lender(Mutex<Vec<Ticket>>);

impl Handler for Lender {
    async fn handle(&self, delivery: &Delivery) -> Result<(), Failure> {
        self.0.lock().push(delivery.ticket());
        std::future::pending().await
    }
}

async fn who_was_taken_for_dead_can_complete_nothing(rig: Rig) {
    let (lender, works) = (Arc::new(Lender::default()), Doer::new(|seen| if seen.failures == 0 { Act::Fail } else { Act::Hang }));
    let mut mortal = consumer("undead");
    mortal.lease = Duration::from_millis(600);
    let here = Running::start(rig.stream(), mortal.clone(), &lender);
    rig.append("key", 0).await;
    eventually("it is held", async || !lender.0.lock().is_empty()).await;
    here.kill().await;
    let there = Running::start(rig.elsewhere().await, mortal, &works);
    // The other one has it: at first as its predecessor had it, then from where failed events wait.
    for times in [1, 2] {
        works.has_seen(times).await;
        let ticket = lender.0.lock()[0].clone();
        let completed = rig.database().write(async move |transaction| ticket.complete::<Refused>(&transaction).await).await;
        assert!(matches!(completed, Err(Refused::Lost)));
    }
    assert_eq!(rig.stream().consumers().await.unwrap()[0].pending, 1);
    there.stop().await;
}

#[derive(Debug)]
enum Refused {
    Database,
    Lost,
}

impl From<DbErr> for Refused {
    fn from(_: DbErr) -> Self {
        Self::Database
    }
}

impl From<Lost> for Refused {
    fn from(_: Lost) -> Self {
        Self::Lost
    }
}

/// Completes in a transaction that it rolls back the first time.
struct Transactional(portreeve_database::Database, Mutex<u32>);

impl Handler for Transactional {
    async fn handle(&self, delivery: &Delivery) -> Result<(), Failure> {
        let (ticket, fails) = (delivery.ticket(), delivery.failures == 0);
        *self.1.lock() += 1;
        self.0
            .write(async move |transaction| {
                if fails {
                    return Err(Failure::Temporary("rolled back".to_owned()));
                }
                ticket.complete::<Failure>(&transaction).await
            })
            .await
    }
}

async fn what_is_completed_in_a_transaction_counts_with_it(rig: Rig) {
    let doer = Arc::new(Transactional(rig.database().clone(), Mutex::new(0)));
    let running = Running::start(rig.stream(), consumer("careful"), &doer);
    for number in 0..3 {
        rig.append("key", number).await;
    }
    eventually("each is tried twice", async || *doer.1.lock() == 6).await;
    rig.settled("careful").await;
    assert_eq!(*doer.1.lock(), 6);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_leaps_hands_nobody_their_own_event_again() {
    let rig = Rig::sqlite().await;
    let clock = portreeve_testkit::clock();
    let stream = Stream::database(rig.database().clone(), Clock::Manual(clock.clone()), Random::System);
    let doer = Doer::new(|_| Act::FinishAfter(Duration::from_secs(1)));
    let running = Running::start(stream, consumer("leaping"), &doer);
    rig.append("key", 0).await;
    doer.has_seen(1).await;
    clock.advance(TimeDelta::minutes(5));
    doer.has_finished(1).await;
    assert_eq!(doer.seen().len(), 1);
    running.stop().await;
}
