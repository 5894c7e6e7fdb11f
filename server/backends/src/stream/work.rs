//! One try of one event.

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use chrono::TimeDelta;
use portreeve_database::{DbErr, dead_letter, delivery};
use serde_json::json;

use super::{
    Stream,
    cloud_event::to_cloud_event,
    consumer::{Consumer, Delivery, Failure, Handler, Hold, Lost},
};

/// What a try of an event needs.
pub(super) struct Work<H> {
    pub(super) stream: Stream,
    pub(super) consumer: Consumer,
    pub(super) handler: Arc<H>,
}

impl<H: Handler> Work<H> {
    /// Tries it; says whether it is known to all what came of it. If not, it is tried again once the hold on it is over.
    pub(super) async fn run(self, delivery: Delivery) -> bool {
        let outcome = match caught(self.handler.handle(&delivery)).await {
            Ok(()) if delivery.is_completed() => Ok(()),
            Ok(()) => self.complete(&delivery).await.map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        let Err(failure) = outcome else { return true };
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
