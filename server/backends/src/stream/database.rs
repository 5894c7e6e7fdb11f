//! The stream on the database alone.
//!
//! A consumer's row holds the position up to which its events were **handed out**: written to `deliveries`, where they stay until they are done
//! with. A worker claims those that are due, unheld, and the first of their key. All of that is one short transaction that holds the consumer's
//! row, so that any number of processes can share the work.

use std::{collections::HashMap, future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use portreeve_database::{DbErr, consumer, dead_letter, delivery, event};
use serde_json::json;
use tokio::{
    task::{AbortHandle, Id, JoinSet},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Stream,
    cloud_event::to_cloud_event,
    consumer::{Consumer, Delivery, Failure, Handler, Lost},
};

/// Events that another process appended are seen this late at most.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Events read at a time.
const READ: u64 = 256;
/// Positions given at a time.
const POSITIONS: u32 = 2048;
/// After the database refused something.
const REST: Duration = Duration::from_millis(500);

/// One process's share of one consumer.
pub(super) struct Runner<H> {
    stream: Stream,
    consumer: Consumer,
    handler: Arc<H>,
    /// Tells this run from every other: what an earlier one of this process held is not ours.
    holder: Uuid,
    tasks: JoinSet<()>,
    held: HashMap<Id, (i64, AbortHandle)>,
}

impl<H: Handler> Runner<H> {
    pub(super) fn new(stream: Stream, consumer: Consumer, handler: Arc<H>) -> Self {
        let holder = stream.random.uuid(stream.clock.now());
        Self { stream, consumer, handler, holder, tasks: JoinSet::new(), held: HashMap::new() }
    }

    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut appended = self.stream.database.appended();
        let mut heartbeat = interval(self.consumer.lease / 3);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut registered = false;
        while !stop.is_cancelled() {
            appended.borrow_and_update();
            if !registered {
                registered = self.noted(self.register().await).is_some();
            }
            let free = self.consumer.parallelism - self.tasks.len();
            if registered && free > 0 {
                let Some(handed) = self.noted(self.hand_out(free).await) else {
                    tokio::select! {
                        () = tokio::time::sleep(REST) => {}
                        () = stop.cancelled() => {}
                    }
                    continue;
                };
                let full = handed.len() == free;
                for delivery in handed {
                    self.begin(delivery);
                }
                if full {
                    continue; // to wait for a task to end
                }
            }
            let due = self.until_due().await;
            let busy = self.tasks.len() >= self.consumer.parallelism;
            tokio::select! {
                _ = appended.changed(), if !busy => {}
                () = tokio::time::sleep(due), if !busy => {}
                Some(ended) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                    let id = match &ended {
                        Ok((id, ())) => *id,
                        Err(error) => error.id(),
                    };
                    self.held.remove(&id);
                }
                _ = heartbeat.tick() => self.keep_hold().await,
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

    /// Claims up to `free` events.
    async fn hand_out(&self, free: usize) -> Result<Vec<Delivery>, DbErr> {
        let (wanted, name, holder) = (self.consumer.clone(), self.consumer.name, self.holder);
        let now = self.stream.clock.now();
        let until = now + delta(self.consumer.lease);
        event::give_positions(&self.stream.database, POSITIONS).await?;
        let claimed = self
            .stream
            .database
            .write(async move |transaction| {
                let Some(row) = consumer::lock(&transaction, name).await? else { return Ok(Vec::new()) };
                let (mut position, free) = (row.position, free as u64);
                let mut claimed = delivery::claim(&transaction, name, (holder, until), now, free).await?;
                while (claimed.len() as u64) < free {
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
                let positions: Vec<_> = claimed.iter().map(|delivery| delivery.position).collect();
                let mut events: HashMap<_, _> =
                    event::find_at(&transaction, &positions).await?.into_iter().map(|it| (it.position, it.event)).collect();
                Ok::<_, DbErr>(claimed.into_iter().filter_map(|row| Some((events.remove(&row.position)?, row))).collect())
            })
            .await?;
        Ok(claimed
            .into_iter()
            .map(|(event, row)| Delivery {
                event,
                position: row.position,
                failures: u32::try_from(row.failures).unwrap_or_default(),
                consumer: name,
                holder,
                errors: row.errors,
                completed: Arc::default(),
            })
            .collect())
    }

    fn begin(&mut self, delivery: Delivery) {
        let work = Work { stream: self.stream.clone(), consumer: self.consumer.clone(), handler: self.handler.clone() };
        let position = delivery.position;
        let task = self.tasks.spawn(work.run(delivery));
        self.held.insert(task.id(), (position, task));
    }

    /// How long until an event that waits is due, or one whose holder fell silent is free.
    async fn until_due(&self) -> Duration {
        let due = self.noted(delivery::next_due(self.stream.database.reader(), self.consumer.name).await).flatten();
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
        let (name, holder) = (self.consumer.name, self.holder);
        let released = self.stream.database.write(async move |transaction| delivery::release(&transaction, name, holder).await).await;
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

/// One event in this process's hands.
struct Work<H> {
    stream: Stream,
    consumer: Consumer,
    handler: Arc<H>,
}

impl<H: Handler> Work<H> {
    async fn run(self, delivery: Delivery) {
        let outcome = match caught(self.handler.handle(&delivery)).await {
            Ok(()) if delivery.is_completed() => Ok(()),
            Ok(()) => self.complete(&delivery).await.map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        let Err(failure) = outcome else { return };
        let (consumer, event, position) = (self.consumer.name, delivery.event.id, delivery.position);
        tracing::warn!(consumer, %event, position, tries = delivery.failures + 1, error = %failure, "an event could not be handled");
        if let Err(error) = self.put_back(delivery, failure).await {
            // Its lease runs out, and it is tried again.
            tracing::error!(consumer, %event, position, %error, "and that could not be noted");
        }
    }

    async fn complete(&self, delivery: &Delivery) -> Result<(), DbErr> {
        let (name, position, holder) = (self.consumer.name, delivery.position, delivery.holder);
        let done =
            self.stream.database.write(async move |transaction| delivery::complete(&transaction, name, position, holder).await).await?;
        if done { Ok(()) } else { Err(DbErr::Custom(Lost.to_string())) }
    }

    /// For another try, or for good.
    async fn put_back(self, delivery: Delivery, failure: Failure) -> Result<(), DbErr> {
        let now = self.stream.clock.now();
        let failures = delivery.failures + 1;
        let mut errors = delivery.errors.clone();
        if let Some(list) = errors.as_array_mut() {
            list.push(json!({ "time": now, "error": failure.to_string() }));
        }
        let last = failures >= self.consumer.tries || matches!(failure, Failure::Permanent(_));
        let due_at = now + delta(pause(&self.consumer, failures, self.stream.random.bytes()));
        let (handler, id) = (self.handler.clone(), self.stream.random.uuid(now));
        self.stream
            .database
            .write(async move |transaction| {
                if !last {
                    delivery::fail(&transaction, delivery.consumer, delivery.position, delivery.holder, (due_at, errors)).await?;
                    return Ok(());
                }
                if !delivery::complete(&transaction, delivery.consumer, delivery.position, delivery.holder).await? {
                    return Ok(()); // another has it now
                }
                handler.gave_up(&transaction, &delivery.event, &failure).await?;
                let letter = dead_letter::DeadLetter {
                    id,
                    consumer: delivery.consumer.to_owned(),
                    position: delivery.position,
                    key: delivery.event.subject.clone(),
                    event: to_cloud_event(&delivery.event),
                    failures: i32::try_from(failures).unwrap_or(i32::MAX),
                    errors,
                    created_at: now,
                };
                dead_letter::insert(&transaction, letter).await
            })
            .await
    }
}

/// A handler that panics has failed like any other.
async fn caught(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let mut work = pin!(work);
    poll_fn(|context| {
        let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(Failure::Temporary("the handler panicked".to_owned()))))
    })
    .await
}

/// Exponential, with a random half left out, so that many that failed together do not come back together.
fn pause(consumer: &Consumer, failures: u32, random: [u8; 4]) -> Duration {
    let whole = consumer.first_pause.saturating_mul(1 << (failures - 1).min(20)).min(consumer.longest_pause);
    whole.mul_f64(0.5 + f64::from(u32::from_be_bytes(random)) / f64::from(u32::MAX) / 2.0)
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
