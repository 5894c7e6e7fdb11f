//! Who reads the stream, and what they make of an event.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use portreeve_database::{DbErr, Transaction, delivery, event::Event};
use tokio::time::Instant;
use uuid::Uuid;

/// A durable consumer. What it has finished is remembered under its name, over restarts and by all processes that run it.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// Unique: `store-files`.
    pub name: &'static str,
    /// The event types it wants: `file.accepted`, or `file.*` for all that begin with `file.`.
    pub types: &'static [&'static str],
    /// Events handled at the same time in this process, each of another key.
    pub parallelism: usize,
    /// Tries before an event becomes a dead letter.
    pub tries: u32,
    /// The pause after the first failure; each later one is twice as long, and a random part of it is left out.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// How long a worker that says nothing is taken to be at work. Long work is no matter: a worker says something every third of this.
    pub lease: Duration,
}

impl Consumer {
    pub(super) fn wants(&self, event_type: &str) -> bool {
        self.types.iter().any(|wanted| matches(wanted, event_type))
    }
}

/// Whether an event's type is the wanted one: `file.accepted`, or `file.*` for all that begin with `file.`.
pub fn matches(wanted: &str, event_type: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(prefix) => event_type.starts_with(prefix),
        None => event_type == wanted,
    }
}

/// What a consumer does with an event. It may be called more than once with the same one, and dropped half-way when the process stops.
pub trait Handler: Send + Sync + 'static {
    /// Deals with one event. What it writes to the database should be written in the transaction in which it calls [`Ticket::complete`]:
    /// then it counts exactly once.
    fn handle(&self, delivery: &Delivery) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Called in the transaction that makes a dead letter of an event.
    fn gave_up(&self, _transaction: &Transaction, _event: &Event, _failure: &Failure) -> impl Future<Output = Result<(), DbErr>> + Send {
        async { Ok(()) }
    }
}

/// Why an event could not be dealt with.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// It may work later.
    #[error("{0}")]
    Temporary(String),
    /// It never will: no further tries.
    #[error("{0}")]
    Permanent(String),
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Temporary(format!("database: {error}"))
    }
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Self {
        Self::Temporary(lost.to_string())
    }
}

/// This worker was taken for dead, and another has the event now.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("another worker has taken the event over")]
pub struct Lost;

/// An event in a worker's hands.
#[derive(Debug)]
pub struct Delivery {
    /// What happened.
    pub event: Event,
    /// Where in the stream.
    pub position: i64,
    /// How often it failed before.
    pub failures: u32,
    pub(super) consumer: &'static str,
    pub(super) hold: Hold,
    pub(super) errors: serde_json::Value,
    pub(super) completed: Arc<AtomicBool>,
}

/// The right to say that an event is done with, to be carried into the transaction in which it is.
#[derive(Clone, Debug)]
pub struct Ticket {
    consumer: &'static str,
    position: i64,
    hold: Hold,
    completed: Arc<AtomicBool>,
}

/// By what an event is in these hands.
#[derive(Clone, Debug)]
pub(super) enum Hold {
    /// Its row in `deliveries` names the holder.
    Row(Uuid),
    /// It is a message that JetStream gives to nobody else for a while.
    Message(Arc<Loan>),
}

/// Until when a message is surely nobody else's. Put off by each sign of life that the server confirmed.
#[derive(Debug)]
pub(super) struct Loan(Mutex<Instant>);

impl Loan {
    pub(super) fn until(until: Instant) -> Arc<Self> {
        Arc::new(Self(Mutex::new(until)))
    }

    /// One that is over stays so: the server confirms signs of life also of a message that it has given to another worker since.
    pub(super) fn put_off(&self, until: Instant) {
        let mut end = self.0.lock();
        if *end > Instant::now() {
            *end = until;
        }
    }

    pub(super) fn is_over(&self) -> bool {
        *self.0.lock() <= Instant::now()
    }
}

impl Delivery {
    /// For the transaction that does the work.
    pub fn ticket(&self) -> Ticket {
        Ticket { consumer: self.consumer, position: self.position, hold: self.hold.clone(), completed: self.completed.clone() }
    }

    pub(super) fn is_completed(&self) -> bool {
        self.completed.load(Ordering::Acquire)
    }
}

impl Ticket {
    /// The event is done with, if and when `transaction` commits.
    ///
    /// # Errors
    /// [`Lost`], as the error that the caller makes of it: then nothing of this transaction may be kept.
    pub async fn complete<E: From<DbErr> + From<Lost>>(&self, transaction: &Transaction) -> Result<(), E> {
        let is_ours = match &self.hold {
            Hold::Row(holder) => delivery::complete(transaction, self.consumer, self.position, *holder).await?,
            // Nothing is written down of it: the message is acknowledged afterwards.
            Hold::Message(loan) => !loan.is_over(),
        };
        if !is_ours {
            return Err(Lost.into());
        }
        self.completed.store(true, Ordering::Release);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_loan_that_is_over_does_not_come_back() {
        let loan = Loan::until(Instant::now() + Duration::from_secs(15));
        loan.put_off(Instant::now() + Duration::from_secs(20));
        tokio::time::advance(Duration::from_secs(16)).await;
        assert!(!loan.is_over());
        tokio::time::advance(Duration::from_secs(4)).await;
        assert!(loan.is_over());
        loan.put_off(Instant::now() + Duration::from_secs(15));
        assert!(loan.is_over());
    }
}
