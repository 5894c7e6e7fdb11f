//! What is counted: for a collector that scrapes it, and for administrators, who need none.

mod counters;
mod error;
mod latency;
mod numbers;
mod recorder;
mod standing;

use std::{fmt, sync::Arc, time::Duration};

use chrono::TimeDelta;
use portreeve_contract::measures::{Measures as Shown, MeasuresQuery};
use portreeve_database::{DbErr, measure};
use prometheus_client::{encoding::text::encode_registry, registry::Registry};
use tokio_util::sync::CancellationToken;

pub(crate) use self::counters::Counters;
pub use self::{error::Error, latency::Latency};
use self::{numbers::Numbers, recorder::Recorder, standing::Standing};
use crate::{Caller, core::Core};

/// A day more than a week, so that a week can be compared with itself.
const KEPT: TimeDelta = TimeDelta::days(8);

/// Numbers.
#[derive(Clone, Debug)]
pub struct Measures {
    core: Arc<Core>,
    standing: Arc<Standing>,
    recorder: Arc<Recorder>,
    registry: Arc<Registry>,
}

impl Measures {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let standing = Arc::new(Standing::new(core.clone()));
        let mut registry = Registry::default();
        core.counters.register(&mut registry);
        registry.register_collector(Box::new(standing.clone()));
        Self { recorder: Arc::new(Recorder::new(core.clone(), standing.clone())), registry: Arc::new(registry), standing, core }
    }

    /// Counts a request that was answered.
    pub fn served(&self, took: Duration, status: u16) {
        self.core.counters.served(took, status);
    }

    /// What all nodes counted lately. Administrators only.
    #[tracing::instrument(target = "otel", level = "trace", name = "measures.of", skip_all)]
    pub async fn of(&self, caller: &Caller, query: MeasuresQuery) -> Result<Shown, Error> {
        caller.require_admin()?;
        self.standing.refresh().await;
        let (db, start) = (self.core.database.reader(), numbers::start(query.span, self.core.now()));
        let rows = measure::find_from(db, start).await?;
        // A row that cannot be read is a release's that counted otherwise.
        let mut minutes: Vec<(_, Numbers)> =
            rows.into_iter().map(|row| (row.minute, serde_json::from_value(row.numbers).unwrap_or_default())).collect();
        let unwritten = self.recorder.unwritten();
        let since = measure::first_minute(db).await?.unwrap_or(unwritten.0);
        minutes.push(unwritten);
        let (points, total) = numbers::points(query.span, start, &minutes);
        Ok(Shown { span: query.span, since, points, total })
    }

    /// All of it, for a collector, in OpenMetrics' text. Without what the database knows while that does not answer.
    pub async fn write_metrics(&self, text: &mut String) -> fmt::Result {
        self.standing.refresh().await;
        encode_registry(text, &self.registry)
    }

    /// Writes down what is counted, minute by minute, until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        self.recorder.run(stop).await;
    }

    pub(crate) async fn forget_old(&self) -> Result<(), DbErr> {
        let before = self.core.now() - KEPT;
        self.core.database.write(async move |transaction| measure::delete_old(&transaction, before).await.map(drop)).await
    }
}
