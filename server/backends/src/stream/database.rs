//! The stream on the database alone.
//!
//! A consumer's row holds the position up to which its events were **handed out**: written to `deliveries`, where they stay until they are done
//! with. A worker claims those that are due, unheld, and the first of their key. All of that is one short transaction that holds the consumer's
//! row, so that any number of processes can share the work.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use portreeve_database::{
    DbErr, Told, consumer, delivery,
    event::{self, Event},
};
use serde_json::json;
use tokio::{
    sync::{OwnedSemaphorePermit, watch},
    task::{AbortHandle, Id, JoinError, JoinSet},
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Stream,
    consumer::{Consumer, Delivery, Handler, Hold},
    nats::Nats,
    work::{Share, Work, delta},
};

/// Events that another process appended are seen this late at most.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Events read at a time.
const READ: u64 = 256;
/// A consumer's position follows this late at most past events that it does not want.
const MOVE_EVERY: Duration = Duration::from_secs(5);
/// Positions given at a time.
const POSITIONS: u32 = 2048;
/// Events are handed out this often at most: under load, more of them share the queries and the commit that it takes.
const PACE: Duration = Duration::from_millis(5);
/// What must wait for a message of its key is looked at again after this.
const AGAIN: Duration = Duration::from_millis(500);
/// After the database refused something.
const REST: Duration = Duration::from_millis(500);

/// Where events come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The table of events.
    Table,
    /// JetStream: here are only those that wait in `deliveries`.
    Deliveries(Box<Nats>),
}

impl Source {
    fn is_table(&self) -> bool {
        matches!(self, Self::Table)
    }
}

/// One process's share of one consumer.
pub(super) struct Runner<H> {
    stream: Stream,
    consumer: Consumer,
    handler: Arc<H>,
    source: Source,
    share: Share,
    /// Tells this run from every other: what an earlier one of this process held is not ours.
    holder: Uuid,
    tasks: JoinSet<()>,
    held: HashMap<Id, (i64, AbortHandle)>,
    looked: Looked,
}

/// How far the stream was looked through without taking the consumer's lock.
struct Looked {
    /// Where the consumer stood: it may have been moved since.
    from: i64,
    /// Up to here it wants nothing.
    up_to: i64,
    /// When its position was last written down.
    moved: Instant,
    /// How long until the next event that waits is due, if that is known.
    wait: Option<Duration>,
}

impl<H: Handler> Runner<H> {
    pub(super) fn new(stream: Stream, (consumer, handler): (Consumer, Arc<H>), source: Source, share: Share) -> Self {
        let holder = stream.random.uuid(stream.clock.now());
        let looked = Looked { from: 0, up_to: 0, moved: Instant::now(), wait: None };
        Self { stream, consumer, handler, source, share, holder, tasks: JoinSet::new(), held: HashMap::new(), looked }
    }

    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut appended = self.stream.database.appended();
        let beat = self.consumer.lease / 3;
        let mut heartbeat = interval(beat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut held_on, mut beats) = (Instant::now(), false);
        let mut registered = !self.source.is_table();
        let mut permits = Vec::new();
        let mut next = Instant::now();
        // How often there was something for this consumer, and whether there was since it was last looked for.
        let (mut told, mut awaited) = (0, false);
        while !stop.is_cancelled() {
            tokio::time::sleep_until(next).await;
            next = Instant::now() + PACE;
            let now_told = count(&appended.borrow_and_update(), &self.consumer);
            awaited |= now_told != told;
            told = now_told;
            if !registered {
                registered = self.noted(self.register().await).is_some();
            }
            while let Ok(permit) = self.share.slots.clone().try_acquire_owned() {
                permits.push(permit);
            }
            let free = permits.len();
            // Before anything is claimed: what this process is at must not look as if nobody were.
            if std::mem::take(&mut beats) || held_on.elapsed() >= beat {
                held_on = Instant::now();
                self.keep_hold().await;
            }
            if registered && free > 0 {
                let handed = self.hand_out(free, std::mem::take(&mut awaited)).await;
                let Some(handed) = self.noted(handed) else {
                    tokio::select! {
                        () = tokio::time::sleep(REST) => {}
                        () = stop.cancelled() => {}
                    }
                    continue;
                };
                let full = handed.len() == free;
                for (delivery, permit) in handed.into_iter().zip(permits.drain(..)) {
                    self.begin(delivery, permit);
                }
                if full {
                    continue; // to wait for a task to end
                }
            }
            let busy = self.share.slots.available_permits() == 0;
            // With its hands full it waits for no event.
            let due = if busy { LOOK_EVERY } else { self.until_due().await };
            tokio::select! {
                // Waiting in line for one, since there may be others who take them.
                Ok(permit) = self.share.slots.clone().acquire_owned(), if busy => permits.push(permit),
                () = told_more(&mut appended, &self.consumer, told), if !busy => {}
                () = tokio::time::sleep(due), if !busy => {}
                Some(ended) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                    self.let_go(&ended);
                    // More end in a round than there are rounds.
                    while let Some(ended) = self.tasks.try_join_next_with_id() {
                        self.let_go(&ended);
                    }
                }
                _ = heartbeat.tick() => beats = true,
                () = stop.cancelled() => {}
            }
        }
        self.hand_back().await;
    }

    /// A consumer begins with the first event that is kept.
    async fn register(&self) -> Result<(), DbErr> {
        let (name, now) = (self.consumer.name, self.stream.clock.now());
        self.stream.database.write(async move |transaction| consumer::register(&transaction, name, 0, now).await).await
    }

    /// Whether there is something to claim or to write down. Most events are of no interest to most consumers, and a transaction
    /// that only moves past them would make the disk sync once more for each.
    async fn has_work(&mut self, now: DateTime<Utc>) -> Result<bool, DbErr> {
        if self.share.handled.load(Ordering::Relaxed) > 0 {
            return Ok(true);
        }
        let db = self.stream.database.reader();
        if delivery::is_due(db, self.consumer.name, now).await? {
            return Ok(true);
        }
        self.looked.wait = Some(self.wait(delivery::next_due(db, self.consumer.name).await?));
        if !self.source.is_table() {
            return Ok(false);
        }
        let Some(row) = consumer::find(db, self.consumer.name).await? else { return Ok(false) };
        let mut position = if row.position == self.looked.from { self.looked.up_to.max(row.position) } else { row.position };
        loop {
            let events = event::types_after(db, position, READ).await?;
            if events.iter().any(|(_, r#type)| self.consumer.wants(r#type)) {
                return Ok(true);
            }
            let more = events.len() as u64 == READ;
            position = events.last().map_or(position, |(position, _)| *position);
            if !more {
                break;
            }
        }
        self.looked = Looked { from: row.position, up_to: position, ..self.looked };
        Ok(position != row.position && self.looked.moved.elapsed() >= MOVE_EVERY)
    }

    /// Claims up to `free` events; `awaited` if it is known that there are some.
    async fn hand_out(&mut self, free: usize, awaited: bool) -> Result<Vec<Delivery>, DbErr> {
        let (wanted, name, holder, from_table) = (self.consumer.clone(), self.consumer.name, self.holder, self.source.is_table());
        let now = self.stream.clock.now();
        let until = now + delta(self.consumer.lease);
        if from_table {
            event::give_positions(&self.stream.database, POSITIONS).await?;
        }
        if !awaited && !self.has_work(now).await? {
            return Ok(Vec::new());
        }
        (self.looked.moved, self.looked.wait) = (Instant::now(), None);
        let handled = self.share.handled.swap(0, Ordering::Relaxed);
        let (mut claimed, position) = self
            .stream
            .database
            .write(async move |transaction| {
                let Some(row) = consumer::lock(&transaction, name).await? else { return Ok((Vec::new(), 0)) };
                let (mut position, free) = (row.position, free as u64);
                let mut claimed = delivery::claim(&transaction, name, (holder, until), now, free).await?;
                while from_table && (claimed.len() as u64) < free {
                    let events = event::after(&transaction, position, READ).await?;
                    let Some(last) = events.last() else { break };
                    position = last.position;
                    let more = events.len() as u64 == READ;
                    let deliveries: Vec<_> =
                        events.into_iter().filter(|it| wanted.wants(&it.event.r#type)).map(|it| fresh(name, it, now)).collect();
                    if !deliveries.is_empty() {
                        delivery::insert(&transaction, deliveries).await?;
                        claimed.extend(delivery::claim(&transaction, name, (holder, until), now, free - claimed.len() as u64).await?);
                    }
                    if !more {
                        break;
                    }
                }
                if position != row.position {
                    consumer::move_to(&transaction, name, position, now).await?;
                }
                if handled > 0 {
                    consumer::add_handled(&transaction, &row, handled, now).await?;
                }
                let positions: Vec<_> = claimed.iter().map(|delivery| delivery.position).collect();
                let mut events: HashMap<_, _> =
                    event::find_at(&transaction, &positions).await?.into_iter().map(|it| (it.position, it.event)).collect();
                let mut wants = Vec::with_capacity(claimed.len());
                for row in claimed {
                    let Some(event) = events.remove(&row.position) else {
                        // Forgotten while a replay that wanted it was not committed yet. Left here it would keep its key waiting for ever.
                        tracing::warn!(consumer = name, position = row.position, "an event is gone that was to be handled");
                        delivery::complete(&transaction, name, row.position, holder).await?;
                        continue;
                    };
                    if wanted.wants(&event.r#type) {
                        wants.push((event, row));
                    } else {
                        // A replay that does not know what the consumer wants.
                        delivery::complete(&transaction, name, row.position, holder).await?;
                    }
                }
                Ok::<_, DbErr>((wants, position))
            })
            .await
            .inspect_err(|_| {
                self.share.handled.fetch_add(handled, Ordering::Relaxed);
            })?;
        claimed.retain(|(_, row)| !self.is_at(row));
        self.make_way(&mut claimed, position).await?;
        Ok(claimed
            .into_iter()
            .map(|(event, row)| Delivery {
                event,
                position: row.position,
                failures: u32::try_from(row.failures).unwrap_or_default(),
                consumer: name,
                hold: Hold::Row(holder),
                errors: row.errors,
                completed: Arc::default(),
            })
            .collect())
    }

    /// Puts off what must wait for messages that JetStream has handed out. What failed before was such a message itself, and has waited since.
    async fn make_way(&self, claimed: &mut Vec<(Event, delivery::Delivery)>, done: i64) -> Result<(), DbErr> {
        let Source::Deliveries(nats) = &self.source else { return Ok(()) };
        let new: Vec<_> = claimed.iter().filter(|(_, row)| row.failures == 0).map(|(_, row)| (row.key.clone(), row.position)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let name = self.consumer.name;
        let waiting = nats.must_wait(&self.consumer, done, &new).await.unwrap_or_else(|error| {
            tracing::warn!(consumer = name, %error, "JetStream does not say what is in hands; what was sent again waits");
            new.iter().map(|(_, position)| *position).collect()
        });
        if waiting.is_empty() {
            return Ok(());
        }
        claimed.retain(|(_, row)| !waiting.contains(&row.position));
        let (positions, holder, due_at) = (Vec::from_iter(waiting), self.holder, self.stream.clock.now() + delta(AGAIN));
        let put_off = async move |transaction| delivery::put_off(&transaction, name, &positions, (holder, due_at)).await;
        self.stream.database.write(put_off).await
    }

    /// Whether this process is at work at what it claimed: after a leap of the clock its own look like a dead worker's. One that failed a moment ago had
    /// no holder, even if its task has not been seen to end.
    fn is_at(&self, claimed: &delivery::Delivery) -> bool {
        let at = |(position, task): &(i64, AbortHandle)| *position == claimed.position && !task.is_finished();
        claimed.holder == Some(self.holder) && self.held.values().any(at)
    }

    fn begin(&mut self, delivery: Delivery, permit: OwnedSemaphorePermit) {
        let work =
            Work { share: self.share.clone(), stream: self.stream.clone(), consumer: self.consumer.clone(), handler: self.handler.clone() };
        let position = delivery.position;
        let task = self.tasks.spawn(async move {
            let _permit = permit;
            work.run(delivery).await;
        });
        self.held.insert(task.id(), (position, task));
    }

    fn let_go(&mut self, ended: &Result<(Id, ()), JoinError>) {
        self.held.remove(&match ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        });
    }

    /// How long until an event that waits is due, or one whose holder fell silent is free.
    async fn until_due(&mut self) -> Duration {
        match self.looked.wait.take() {
            Some(known) => known,
            None => self.wait(self.noted(delivery::next_due(self.stream.database.reader(), self.consumer.name).await).flatten()),
        }
    }

    fn wait(&self, due: Option<DateTime<Utc>>) -> Duration {
        // A moment at least: what is due already and was not claimed waits for another of its key.
        due.map_or(LOOK_EVERY, |due| {
            (due - self.stream.clock.now()).to_std().unwrap_or_default().clamp(Duration::from_millis(20), LOOK_EVERY)
        })
    }

    async fn keep_hold(&self) {
        let positions: Vec<_> = self.held.values().map(|(position, _)| *position).collect();
        if positions.is_empty() {
            return;
        }
        let (name, holder, until) = (self.consumer.name, self.holder, self.stream.clock.now() + delta(self.consumer.lease));
        let held = self
            .stream
            .database
            .write(async move |transaction| delivery::hold(&transaction, name, &positions, (holder, until)).await)
            .await;
        self.noted(held);
    }

    async fn hand_back(mut self) {
        self.tasks.shutdown().await;
        let (name, holder, now) = (self.consumer.name, self.holder, self.stream.clock.now());
        let handled = self.share.handled.swap(0, Ordering::Relaxed);
        let released = self.stream.database.write(async move |transaction| {
            if handled > 0
                && let Some(row) = consumer::lock(&transaction, name).await?
            {
                consumer::add_handled(&transaction, &row, handled, now).await?;
            }
            delivery::release(&transaction, name, holder).await
        });
        let released = released.await;
        if let Some(events @ 1..) = self.noted(released) {
            tracing::info!(consumer = name, events, "handed back what was not finished");
        }
    }

    fn noted<T>(&self, result: Result<T, DbErr>) -> Option<T> {
        result
            .inspect_err(
                |error| tracing::error!(consumer = self.consumer.name, %error, "the stream cannot be read; tried again in a moment"),
            )
            .ok()
    }
}

/// How often this process committed something for the consumer.
fn count(told: &Told, consumer: &Consumer) -> u64 {
    told.count(|r#type| consumer.wants(r#type))
}

/// Waits for more of it.
async fn told_more(appended: &mut watch::Receiver<Told>, consumer: &Consumer, so_far: u64) {
    let _ = appended.wait_for(|now| count(now, consumer) != so_far).await;
}

fn fresh(consumer: &str, recorded: event::Recorded, now: DateTime<Utc>) -> delivery::Delivery {
    delivery::Delivery {
        consumer: consumer.to_owned(),
        position: recorded.position,
        key: recorded.event.subject,
        failures: 0,
        due_at: now,
        holder: None,
        held_until: None,
        errors: json!([]),
    }
}
