//! Writing down what was counted, when a minute is over.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use portreeve_database::measure::{self, Measure};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    numbers::{Numbers, minute},
    standing::Standing,
};
use crate::{Fault, core::Core};

/// How late a minute may end.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the last row may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is counted and not yet written down.
#[derive(Debug)]
pub(super) struct Recorder {
    core: Arc<Core>,
    standing: Arc<Standing>,
    node: Uuid,
    page: Mutex<Page>,
}

/// The minute that is counted now.
#[derive(Clone, Debug)]
struct Page {
    minute: DateTime<Utc>,
    /// What had been counted when it began.
    before: Numbers,
}

impl Recorder {
    pub(super) fn new(core: Arc<Core>, standing: Arc<Standing>) -> Self {
        let now = core.now();
        let page = Page { minute: minute(now), before: core.counters.numbers(None) };
        Self { node: core.random.uuid(now), page: Mutex::new(page), core, standing }
    }

    /// What this process has counted since it last wrote something down.
    pub(super) fn unwritten(&self) -> (DateTime<Utc>, Numbers) {
        let page = self.page.lock().clone();
        (page.minute, self.core.counters.numbers(self.standing.lag()).since(&page.before))
    }

    /// Writes until told to stop; then what there is of the last minute.
    pub(super) async fn run(&self, stop: CancellationToken) {
        let mut tick = interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = false;
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = stop.cancelled() => return self.write_last().await,
            }
            match self.write(false).await {
                Ok(()) => told = false,
                // Nothing is lost: the next row that can be written holds it.
                Err(error) if !told => {
                    tracing::warn!(%error, "what was counted cannot be written down; tried until it can be");
                    told = true;
                }
                Err(_) => {}
            }
        }
    }

    /// Nobody is to wait for a server to stop because its database does not answer.
    async fn write_last(&self) {
        match timeout(PATIENCE, self.write(true)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "what was counted last is lost"),
            Err(_) => tracing::warn!("what was counted last is lost: the database takes too long"),
        }
    }

    async fn write(&self, last: bool) -> Result<(), Fault> {
        let page = self.page.lock().clone();
        let now = minute(self.core.now());
        // A clock that was set back is waited for.
        if now <= page.minute && !last {
            return Ok(());
        }
        self.standing.refresh().await;
        let counted = self.core.counters.numbers(self.standing.lag());
        let row = Measure { minute: page.minute, node: self.node, numbers: serde_json::to_value(counted.since(&page.before))? };
        self.core.database.write(async move |transaction| measure::write(&transaction, row).await).await?;
        *self.page.lock() = Page { minute: now.max(page.minute), before: counted };
        Ok(())
    }
}
