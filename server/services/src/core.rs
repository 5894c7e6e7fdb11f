//! What the services share.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use portreeve_backends::{Clock, Random, limits::Limits, stream::Stream};
use portreeve_database::{Database, DbErr, Standings, Transaction};
use tokio::sync::Notify;

use crate::{
    Fault, Settings,
    api_keys::Uses,
    auth::throttle::Throttles,
    events::{Event, Tail},
    files::{Intake, Pens, Places},
    keys::{MasterKey, Ring},
    measures::Counters,
    notifications::Job,
    passwords::Passwords,
    sessions::Presence,
    tokens::{AccessTokens, UpstreamTokens},
};

/// What the services are made of.
#[derive(Debug)]
pub struct Parts {
    /// Migrated.
    pub database: Database,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The operator's.
    pub settings: Settings,
    /// Seals what is secret at rest.
    pub master_key: MasterKey,
    /// Where the bytes of files are.
    pub places: Places,
    /// Carries the events of the same database.
    pub stream: Stream,
    /// Counts requests and tries.
    pub limits: Limits,
}

#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) settings: Settings,
    pub(crate) ring: Ring,
    pub(crate) access_tokens: AccessTokens,
    pub(crate) upstream_tokens: UpstreamTokens,
    pub(crate) passwords: Passwords,
    pub(crate) limits: Arc<Limits>,
    pub(crate) throttle: Throttles,
    pub(crate) presence: Presence,
    pub(crate) places: Places,
    pub(crate) intake: Intake,
    pub(crate) pens: Pens,
    pub(crate) stream: Stream,
    pub(crate) tail: Tail,
    /// When staging was last swept.
    pub(crate) swept_at: Mutex<Option<DateTime<Utc>>>,
    /// What every authorized request asks.
    pub(crate) standings: Standings,
    pub(crate) key_uses: Uses,
    /// Rings when a mail was queued.
    pub(crate) mail_queued: Notify,
    /// What is counted.
    pub(crate) counters: Counters,
}

impl Core {
    pub(crate) async fn open(parts: Parts) -> Result<Self, Fault> {
        let Parts { database, clock, random, settings, master_key, places, stream, limits } = parts;
        let limits = Arc::new(limits);
        let ring = Ring::open(&database, &clock, &random, &master_key, settings.tokens.access_lifetime).await?;
        Ok(Self {
            ring,
            tail: Tail::new(stream.clone()),
            stream,
            access_tokens: AccessTokens::new(&settings),
            upstream_tokens: UpstreamTokens::new(&settings.public_url),
            passwords: Passwords::start(&settings.passwords, &random)?,
            throttle: Throttles::new(settings.throttle.clone(), limits.clone()),
            limits,
            presence: Presence::default(),
            places,
            intake: Intake::default(),
            pens: Pens::default(),
            swept_at: Mutex::default(),
            standings: Standings::start(&database),
            key_uses: Uses::default(),
            mail_queued: Notify::new(),
            counters: Counters::default(),
            database,
            clock,
            random,
            settings,
        })
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A session that was last used before this is over.
    pub(crate) fn idle_since(&self) -> DateTime<Utc> {
        self.now() - delta(self.settings.tokens.refresh_idle)
    }

    /// Appends an event in the transaction of what it tells of.
    pub(crate) async fn append(&self, transaction: &Transaction, event: Event) -> Result<(), DbErr> {
        let now = self.now();
        portreeve_database::event::append(transaction, event.row(self.random.uuid(now), now)).await
    }

    /// Queues a mail in the transaction of what it tells of.
    pub(crate) async fn queue(&self, transaction: &Transaction, job: &Job) -> Result<(), Fault> {
        let now = self.now();
        let mail = portreeve_database::mail::Mail {
            id: self.random.uuid(now),
            job: serde_json::to_value(job)?,
            attempts: 0,
            due_at: now,
            created_at: now,
        };
        portreeve_database::mail::insert(transaction, mail).await?;
        // Rings before the commit; the sender looks again a moment later, so none waits long.
        self.mail_queued.notify_one();
        Ok(())
    }
}

/// Settings are bounded well below what cannot be expressed.
pub(crate) fn delta(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
