//! From the table to JetStream.

use std::{collections::BTreeSet, time::Duration};

use portreeve_database::{DbErr, consumer, delivery, event};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Error, Nats, RELAY, link::Tip, marks::Marks};
use crate::stream::{Stream, work::delta};

/// How long a relay that says nothing is taken to be at work. One that was taken for dead and is not can do no harm: each event is stored only
/// right behind the one before it.
const LEASE: Duration = Duration::from_secs(5);
/// How often one that waits looks whether the place is free, and one that works looks for what other processes appended.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often the stream is looked at, whether it still is what it was.
const VERIFY_EVERY: Duration = Duration::from_secs(2);
/// How often consumers' positions are brought up to date.
const MARK_EVERY: Duration = Duration::from_secs(1);
/// Events published at a time.
const BATCH: u64 = 512;

/// Publishes what was committed; one process at a time does.
pub(in crate::stream) struct Relay {
    stream: Stream,
    nats: Nats,
    holder: Uuid,
}

impl Relay {
    pub(in crate::stream) fn new(stream: Stream, nats: Nats) -> Self {
        let holder = stream.random.uuid(stream.clock.now());
        Self { stream, nats, holder }
    }

    pub(in crate::stream) async fn run(self, stop: CancellationToken) {
        let relaying = self.nats.relaying.clone();
        let _only = tokio::select! {
            only = relaying.lock() => only,
            () = stop.cancelled() => return,
        };
        while !stop.is_cancelled() {
            let relayed = async { if self.take().await? { self.relay(&stop).await } else { Ok(()) } };
            if let Err(error) = relayed.await {
                tracing::error!(%error, "events cannot be relayed to JetStream; tried again in a moment");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = stop.cancelled() => {}
            }
        }
        let holder = self.holder;
        if let Err(error) = self.stream.database.write(async move |transaction| delivery::release(&transaction, RELAY, holder).await).await
        {
            tracing::warn!(%error, "the relay's place is not handed back; it is free in a moment");
        }
    }

    /// Takes the relay's place, if it is free. Its holder is written down as that of an event is.
    async fn take(&self) -> Result<bool, DbErr> {
        let (holder, now) = (self.holder, self.stream.clock.now());
        self.stream
            .database
            .write(async move |transaction| {
                consumer::register(&transaction, RELAY, 0, now).await?;
                consumer::lock(&transaction, RELAY).await?;
                let place = delivery::Delivery {
                    consumer: RELAY.to_owned(),
                    position: 0,
                    key: RELAY.to_owned(),
                    failures: 0,
                    due_at: now,
                    holder: None,
                    held_until: None,
                    errors: serde_json::json!([]),
                };
                delivery::insert(&transaction, vec![place]).await?;
                let hold = (holder, now + delta(LEASE));
                let taken = delivery::claim(&transaction, RELAY, hold, now, 1).await?;
                Ok(!taken.is_empty() || delivery::hold(&transaction, RELAY, &[0], hold).await? == 1)
            })
            .await
    }

    /// Relays for as long as the place is ours.
    async fn relay(&self, stop: &CancellationToken) -> Result<(), Error> {
        let database = &self.stream.database;
        let mut appended = database.appended();
        let mut tip = self.nats.tip(database, self.stream.clock.now()).await?;
        let mut marks = Marks::default();
        let (mut held, mut verified, mut marked) = (None::<Instant>, Instant::now(), Instant::now());
        while !stop.is_cancelled() {
            appended.borrow_and_update();
            if held.is_none_or(|held| held.elapsed() > LEASE / 3) {
                if !self.keep(tip).await? {
                    return Ok(()); // another took this one for dead
                }
                held = Some(Instant::now());
            }
            if verified.elapsed() > VERIFY_EVERY {
                tip = self.nats.tip(database, self.stream.clock.now()).await?;
                verified = Instant::now();
            }
            event::give_positions(database, u32::try_from(BATCH).unwrap_or(u32::MAX)).await?;
            let events = event::after(database.reader(), tip.position, BATCH).await?;
            if !events.is_empty() {
                tip = self.nats.publish(tip, &events).await?;
                if !self.keep(tip).await? {
                    return Ok(());
                }
                held = Some(Instant::now());
                let partitions: BTreeSet<_> = events.iter().map(|it| self.nats.partition(&it.event.subject)).collect();
                self.nats.wake(partitions).await;
                if events.len() as u64 == BATCH {
                    continue;
                }
            }
            if marked.elapsed() > MARK_EVERY {
                marks.update(&self.stream, &self.nats, tip).await?;
                marked = Instant::now();
            }
            tokio::select! {
                _ = appended.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = stop.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Notes how far it came, if the place is still ours.
    async fn keep(&self, tip: Tip) -> Result<bool, DbErr> {
        let (holder, now) = (self.holder, self.stream.clock.now());
        self.stream
            .database
            .write(async move |transaction| {
                consumer::lock(&transaction, RELAY).await?;
                if delivery::hold(&transaction, RELAY, &[0], (holder, now + delta(LEASE))).await? == 0 {
                    return Ok(false);
                }
                consumer::move_to(&transaction, RELAY, tip.position, now).await
            })
            .await
    }
}
