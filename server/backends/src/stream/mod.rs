//! The stream: what happened, in order, for whoever has something to do about it.
//!
//! Any transaction appends events. A **consumer** has a name and a filter, and gets each matching event at least once, those of one partition
//! key in order and one at a time, those of different keys side by side. An event whose handling fails waits and is tried again, with longer
//! and longer pauses; the later ones of its key wait behind it, other keys go on. After the last try it becomes a **dead letter** that an
//! administrator can read and send again.

mod cloud_event;
mod consumer;
mod database;
mod operate;

use std::sync::Arc;

use portreeve_database::Database;
use tokio_util::sync::CancellationToken;

pub use self::{
    cloud_event::to_cloud_event,
    consumer::{Consumer, Delivery, Failure, Handler, Lost, Ticket},
    operate::{ConsumerInfo, ReplayFrom, Unknown},
};
use crate::{Clock, Random};

/// The stream, whichever engine carries it.
#[derive(Clone, Debug)]
pub struct Stream {
    database: Database,
    clock: Clock,
    random: Random,
}

impl Stream {
    /// Carried by the database alone: the embedded default.
    pub fn database(database: Database, clock: Clock, random: Random) -> Self {
        Self { database, clock, random }
    }

    /// Hands events to `handler` until told to stop; then hands back at once what it is at.
    ///
    /// Any number of processes may run the same consumer: each event is one process's at a time.
    pub async fn consume<H: Handler>(&self, consumer: Consumer, handler: Arc<H>, stop: CancellationToken) {
        database::Runner::new(self.clone(), consumer, handler).run(stop).await;
    }
}
