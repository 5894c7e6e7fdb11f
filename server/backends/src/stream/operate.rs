//! What an operator does with the stream.

use chrono::{DateTime, Utc};
use portreeve_database::{
    DbErr, consumer,
    dead_letter::{self, DeadLetter},
    delivery,
    event::{self, Recorded},
};
use uuid::Uuid;

use super::{Engine, Stream, nats::RELAY};

/// A consumer, and how it fares.
#[derive(Clone, Debug)]
pub struct ConsumerInfo {
    /// `store-files`.
    pub name: String,
    /// The position of the last event that it was handed or passed over.
    pub position: i64,
    /// Events behind that position.
    pub lag: i64,
    /// Events in its hands or waiting for another try.
    pub pending: u64,
    /// Those of them that failed before.
    pub failing: u64,
    /// Events it gave up on.
    pub dead: u64,
    /// Events it has finished.
    pub handled: i64,
    /// When it last moved.
    pub updated_at: DateTime<Utc>,
}

/// From where a consumer reads again.
#[derive(Clone, Copy, Debug)]
pub enum ReplayFrom {
    /// The first event that is kept.
    Beginning,
    /// The event at this position.
    Position(i64),
    /// The first event that happened then or later.
    Time(DateTime<Utc>),
}

/// No consumer or dead letter of that name.
#[derive(Debug, thiserror::Error)]
pub enum Unknown {
    /// Nobody has this name.
    #[error("there is no consumer “{0}”")]
    Consumer(String),
    /// No dead letter has this id, any more.
    #[error("there is no dead letter {0}")]
    DeadLetter(Uuid),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Stream {
    /// Gives committed events their positions, where the engine does not do so by itself. Consumers do it too; this is for other readers.
    pub async fn give_positions(&self) -> Result<(), DbErr> {
        event::give_positions(&self.database, 2048).await.map(drop)
    }

    /// Changes whenever this process has committed events.
    pub fn appended(&self) -> tokio::sync::watch::Receiver<u64> {
        self.database.appended()
    }

    /// The position of the last event.
    pub async fn last_position(&self) -> Result<i64, DbErr> {
        event::last_position(self.database.reader()).await
    }

    /// The events after `position`, in order.
    pub async fn read(&self, position: i64, limit: u64) -> Result<Vec<Recorded>, DbErr> {
        event::after(self.database.reader(), position, limit).await
    }

    /// Every consumer that was ever run.
    pub async fn consumers(&self) -> Result<Vec<ConsumerInfo>, DbErr> {
        let db = self.database.reader();
        let last = event::last_position(db).await?;
        let mut infos = Vec::new();
        for row in consumer::all(db).await?.into_iter().filter(|row| row.name != RELAY) {
            let (pending, failing) = delivery::count(db, &row.name).await?;
            infos.push(ConsumerInfo {
                lag: (last - row.position).max(0),
                pending,
                failing,
                dead: dead_letter::count(db, Some(&row.name)).await?,
                name: row.name,
                position: row.position,
                handled: row.handled,
                updated_at: row.updated_at,
            });
        }
        Ok(infos)
    }

    /// Lets a consumer read again from a point. What it is at, and other consumers, are left alone.
    ///
    /// # Errors
    /// [`Unknown::Consumer`].
    pub async fn replay(&self, name: &str, from: ReplayFrom) -> Result<i64, Unknown> {
        let (name, now) = (name.to_owned(), self.clock.now());
        let from_table = matches!(self.engine, Engine::Database);
        self.database
            .write(async move |transaction| {
                if name == RELAY {
                    return Err(Unknown::Consumer(name));
                }
                let Some(row) = consumer::lock(&transaction, &name).await? else { return Err(Unknown::Consumer(name)) };
                let position = match from {
                    ReplayFrom::Beginning => 0,
                    ReplayFrom::Position(position) => (position - 1).max(0),
                    ReplayFrom::Time(time) => event::position_before(&transaction, time).await?,
                };
                // Never forwards: that would skip events.
                let position = if from_table {
                    let position = position.min(row.position);
                    consumer::move_to(&transaction, &name, position, now).await?;
                    position
                } else {
                    // What was relayed is not relayed again to one consumer; it waits where failed events do.
                    let relayed = consumer::find(&transaction, RELAY).await?.map_or(row.position, |relay| relay.position);
                    let position = position.min(relayed);
                    delivery::insert_range(&transaction, &name, (position, relayed), now).await?;
                    position
                };
                transaction.ring_when_committed();
                Ok(position)
            })
            .await
    }

    /// A page of dead letters, the newest first.
    pub async fn dead_letters(&self, consumer: Option<&str>, before: Option<Uuid>, limit: u64) -> Result<Vec<DeadLetter>, DbErr> {
        dead_letter::page(self.database.reader(), consumer, before, limit).await
    }

    /// One dead letter.
    ///
    /// # Errors
    /// [`Unknown::DeadLetter`].
    pub async fn dead_letter(&self, id: Uuid) -> Result<DeadLetter, Unknown> {
        dead_letter::find(self.database.reader(), id).await?.ok_or(Unknown::DeadLetter(id))
    }

    /// Sends a dead letter to its consumer again, with all its tries.
    ///
    /// # Errors
    /// [`Unknown::DeadLetter`].
    pub async fn redrive(&self, id: Uuid) -> Result<DeadLetter, Unknown> {
        let now = self.clock.now();
        self.database
            .write(async move |transaction| {
                let letter = dead_letter::find(&transaction, id).await?.ok_or(Unknown::DeadLetter(id))?;
                if !dead_letter::delete(&transaction, id).await? {
                    return Err(Unknown::DeadLetter(id));
                }
                let delivery = delivery::Delivery {
                    consumer: letter.consumer.clone(),
                    position: letter.position,
                    key: letter.key.clone(),
                    failures: 0,
                    due_at: now,
                    holder: None,
                    held_until: None,
                    errors: serde_json::json!([]),
                };
                delivery::insert(&transaction, vec![delivery]).await?;
                transaction.ring_when_committed();
                Ok(letter)
            })
            .await
    }

    /// Throws a dead letter away.
    ///
    /// # Errors
    /// [`Unknown::DeadLetter`].
    pub async fn drop_dead_letter(&self, id: Uuid) -> Result<(), Unknown> {
        let dropped = self.database.write(async move |transaction| dead_letter::delete(&transaction, id).await).await?;
        if dropped { Ok(()) } else { Err(Unknown::DeadLetter(id)) }
    }

    /// Forgets what is older than `before` and what every consumer has passed; says how many events.
    pub async fn forget(&self, before: DateTime<Utc>) -> Result<u64, DbErr> {
        // The relay's place means nothing while the database carries the events by itself.
        let relayed = matches!(self.engine, Engine::Nats(_));
        let rows = consumer::all(self.database.reader()).await?;
        let passed = rows.iter().filter(|row| relayed || row.name != RELAY).map(|row| row.position).min();
        let Some(position) = passed else { return Ok(0) };
        self.database.write(async move |transaction| event::delete_old(&transaction, position, before).await).await
    }
}
