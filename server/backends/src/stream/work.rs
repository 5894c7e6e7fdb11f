//! One try of one event.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use chrono::TimeDelta;
use portreeve_database::{DbErr, dead_letter, delivery, trace};
use serde_json::json;
use tokio::sync::Semaphore;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{
    Stream,
    cloud_event::to_cloud_event,
    consumer::{Consumer, Delivery, Failure, Handler, Hold, Lost},
};

/// What the runners of one consumer in one process have in common.
#[derive(Clone, Debug)]
pub(super) struct Share {
    /// One for each event that may be in hands at the same time.
    pub(super) slots: Arc<Semaphore>,
    /// Events finished and not yet counted in the consumer's row. That row is everybody's: it is written by whoever holds it anyway to hand
    /// events out, and not by each worker that finishes one.
    pub(super) handled: Arc<AtomicI64>,
}

impl Share {
    pub(super) fn of(consumer: &Consumer) -> Self {
        Self { slots: Arc::new(Semaphore::new(consumer.parallelism)), handled: Arc::default() }
    }
}

/// What a try of an event needs.
pub(super) struct Work<H> {
    pub(super) share: Share,
    pub(super) stream: Stream,
    pub(super) consumer: Consumer,
    pub(super) handler: Arc<H>,
}

impl<H: Handler> Work<H> {
    /// Tries it; says whether it is known to all what came of it. If not, it is tried again once the hold on it is over.
    pub(super) async fn run(self, delivery: Delivery) -> bool {
        let span = span(self.consumer.name, &delivery);
        self.attempt(delivery).instrument(span).await
    }

    async fn attempt(self, delivery: Delivery) -> bool {
        let outcome = match caught(self.handler.handle(&delivery)).await {
            Ok(()) if delivery.is_completed() => Ok(()),
            Ok(()) => self.complete(&delivery).await.map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        let Err(failure) = outcome else {
            self.share.handled.fetch_add(1, Ordering::Relaxed);
            return true;
        };
        Span::current().record("otel.status_code", "ERROR");
        let (consumer, event, position) = (self.consumer.name, delivery.event.id, delivery.position);
        tracing::warn!(consumer, %event, position, tries = delivery.failures + 1, error = %failure, "an event could not be handled");
        self.put_back(delivery, failure)
            .await
            .inspect_err(|error| tracing::error!(consumer, %event, position, %error, "and that could not be noted"))
            .unwrap_or_default()
    }

    async fn complete(&self, delivery: &Delivery) -> Result<(), DbErr> {
        let ticket = delivery.ticket();
        self.stream
            .database
            .write(async move |transaction| ticket.complete::<Incomplete>(&transaction).await)
            .await
            .map_err(|error| error.0)
    }

    /// For another try, or for good. `false` if it is another's by now.
    async fn put_back(self, delivery: Delivery, failure: Failure) -> Result<bool, DbErr> {
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
                let (consumer, position) = (delivery.consumer, delivery.position);
                let failures = i32::try_from(failures).unwrap_or(i32::MAX);
                let is_ours = match &delivery.hold {
                    Hold::Message(loan) => !loan.is_over(),
                    Hold::Row(holder) if last => delivery::complete(&transaction, consumer, position, *holder).await?,
                    Hold::Row(holder) => {
                        return delivery::fail(&transaction, consumer, position, *holder, (due_at, errors)).await;
                    }
                };
                if !is_ours {
                    return Ok(false);
                }
                if !last {
                    let parked = delivery::Delivery {
                        consumer: consumer.to_owned(),
                        position,
                        key: delivery.event.subject,
                        failures,
                        due_at,
                        holder: None,
                        held_until: None,
                        errors,
                    };
                    delivery::insert(&transaction, vec![parked]).await?;
                    return Ok(true);
                }
                handler.gave_up(&transaction, &delivery.event, &failure).await?;
                let letter = dead_letter::DeadLetter {
                    id,
                    consumer: consumer.to_owned(),
                    position,
                    key: delivery.event.subject.clone(),
                    event: to_cloud_event(&delivery.event),
                    failures,
                    errors,
                    created_at: now,
                };
                dead_letter::insert(&transaction, letter).await?;
                Ok(true)
            })
            .await
    }
}

/// In the trace of what made the event.
fn span(consumer: &'static str, delivery: &Delivery) -> Span {
    let span = tracing::trace_span!(
        target: "otel",
        "process",
        otel.name = format_args!("process {consumer}"),
        otel.kind = "consumer",
        otel.status_code = tracing::field::Empty,
        messaging.system = "portreeve",
        messaging.operation.name = "process",
        "messaging.operation.type" = "process",
        messaging.consumer.group.name = consumer,
        messaging.message.id = %delivery.event.id,
        cloudevents.event_type = delivery.event.r#type,
        portreeve.event.tries = i64::from(delivery.failures) + 1,
    );
    if let Some(made_by) = &delivery.event.traceparent {
        // It cannot have begun yet; and where none is recorded it is no span.
        let _ = span.set_parent(trace::context_of(made_by));
    }
    span
}

struct Incomplete(DbErr);

impl From<DbErr> for Incomplete {
    fn from(error: DbErr) -> Self {
        Self(error)
    }
}

impl From<Lost> for Incomplete {
    fn from(lost: Lost) -> Self {
        Self(DbErr::Custom(lost.to_string()))
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

pub(super) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_twice_the_one_before_up_to_the_longest_and_a_random_half_of_it_is_left_out() {
        let consumer = Consumer {
            name: "pauses",
            types: &[],
            parallelism: 1,
            tries: 1,
            first_pause: Duration::from_secs(5),
            longest_pause: Duration::from_mins(1),
            lease: Duration::from_secs(30),
        };
        let seconds = |failures: u32, random: [u8; 4]| pause(&consumer, failures, random).as_secs_f64();
        for (failures, whole) in [(1, 5.0), (2, 10.0), (3, 20.0), (4, 40.0), (5, 60.0), (6, 60.0), (22, 60.0), (u32::MAX, 60.0)] {
            let (least, half, most) = (seconds(failures, [0; 4]), seconds(failures, [0x80, 0, 0, 0]), seconds(failures, [0xff; 4]));
            for (is, should) in [(least, whole * 0.5), (half, whole * 0.75), (most, whole)] {
                assert!((is - should).abs() < 1e-6, "after {failures}: {is}, not {should}");
            }
        }
    }
}
