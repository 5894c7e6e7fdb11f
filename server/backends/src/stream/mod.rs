//! The stream: what happened, in order, for whoever has something to do about it.
//!
//! Any transaction appends events. A **consumer** has a name and a filter, and gets each matching event at least once, those of one partition
//! key in order and one at a time, those of different keys side by side. An event whose handling fails waits and is tried again, with longer
//! and longer pauses; the later ones of its key wait behind it, other keys go on. After the last try it becomes a **dead letter** that an
//! administrator can read and send again.
//!
//! ```no_run
//! use portreeve_backends::stream::{Delivery, Failure, Handler};
//! use portreeve_database::{ConnectionTrait, Database};
//!
//! /// Counts files that were stored.
//! struct CountStored(Database);
//!
//! impl Handler for CountStored {
//!     async fn handle(&self, delivery: &Delivery) -> Result<(), Failure> {
//!         let ticket = delivery.ticket();
//!         self.0
//!             .write(async move |transaction| {
//!                 // If another worker took this one for dead, nothing of the transaction is kept.
//!                 ticket.complete::<Failure>(&transaction).await?;
//!                 transaction.execute_unprepared("UPDATE tally SET stored = stored + 1").await?;
//!                 Ok(())
//!             })
//!             .await
//!     }
//! }
//! ```

mod cloud_event;
mod consumer;
mod database;
pub mod nats;
mod operate;
mod work;

use std::sync::Arc;

use portreeve_config::Nats as NatsConfig;
use portreeve_database::Database;
use tokio_util::sync::CancellationToken;

pub use self::{
    cloud_event::to_cloud_event,
    consumer::{Consumer, Delivery, Failure, Handler, Lost, Ticket, matches},
    operate::{ConsumerInfo, NoPoint, ReplayFrom, Unknown},
};
use self::{
    database::{Runner, Source},
    nats::Nats,
    work::Share,
};
use crate::{Clock, Random};

/// The stream, whichever engine carries it.
#[derive(Clone, Debug)]
pub struct Stream {
    database: Database,
    clock: Clock,
    random: Random,
    engine: Engine,
}

#[derive(Clone, Debug)]
enum Engine {
    Database,
    Nats(Box<Nats>),
}

impl Stream {
    /// Carried by the database alone: the embedded default.
    pub fn database(database: Database, clock: Clock, random: Random) -> Self {
        Self { database, clock, random, engine: Engine::Database }
    }

    /// Carried by NATS JetStream. The server need not be there yet.
    ///
    /// # Errors
    /// [`nats::Error`], if what is configured cannot be.
    pub async fn nats(database: Database, clock: Clock, random: Random, config: &NatsConfig) -> Result<Self, nats::Error> {
        let engine = Engine::Nats(Box::new(Nats::connect(config).await?));
        Ok(Self { database, clock, random, engine })
    }

    /// Hands events to `handler` until told to stop; then hands back at once what it is at.
    ///
    /// Any number of processes may run the same consumer: each event is one process's at a time.
    pub async fn consume<H: Handler>(&self, consumer: Consumer, handler: Arc<H>, stop: CancellationToken) {
        let share = Share::of(&consumer);
        let runner = |source| Runner::new(self.clone(), (consumer.clone(), handler.clone()), source, share.clone());
        match &self.engine {
            Engine::Database => Box::pin(runner(Source::Table).run(stop)).await,
            Engine::Nats(nats) => {
                let failed = runner(Source::Deliveries(nats.clone()));
                let relay = nats::Relay::new(self.clone(), Nats::clone(nats));
                let live = nats::Runner::new(self.clone(), Nats::clone(nats), (consumer, handler), share);
                tokio::join!(Box::pin(failed.run(stop.clone())), Box::pin(relay.run(stop.clone())), Box::pin(live.run(stop)));
            }
        }
    }

    /// What its operator should know of what carries the stream, whether that can be reached or not. To be said at start.
    pub fn caution(&self) -> Option<&'static str> {
        match self.engine {
            Engine::Database => None,
            Engine::Nats(_) => Some(nats::SYNC),
        }
    }

    /// Whether what carries the stream does, and what its operator should know of it.
    ///
    /// # Errors
    /// [`nats::Error`], if it does not.
    pub async fn check(&self) -> Result<Vec<String>, nats::Error> {
        match &self.engine {
            Engine::Database => Ok(Vec::new()),
            Engine::Nats(nats) => nats.check().await,
        }
    }
}
