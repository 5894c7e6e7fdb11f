//! What an operator does with the stream.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use portreeve_database::{
    ConnectionTrait, DbErr, Transaction, consumer,
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
    /// And in the last 60 seconds.
    pub handled_lately: i64,
    /// When it last moved.
    pub updated_at: DateTime<Utc>,
}

/// From where a consumer reads again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayFrom {
    /// The first event that is kept.
    Beginning,
    /// The event at this position.
    Position(i64),
    /// The first event that happened then or later.
    Time(DateTime<Utc>),
}

/// Not a point in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give `beginning`, a position such as 1024, a time such as 2026-11-21T09:30:00Z, or a day such as 2026-11-21 (UTC)")]
pub struct NoPoint;

impl FromStr for ReplayFrom {
    type Err = NoPoint;

    fn from_str(text: &str) -> Result<Self, NoPoint> {
        let position = || text.parse().ok().filter(|position| *position >= 1).map(Self::Position);
        let time = || DateTime::parse_from_rfc3339(text).ok().map(|time| Self::Time(time.to_utc()));
        let day = || text.parse::<NaiveDate>().ok().map(|day| Self::Time(day.and_time(NaiveTime::MIN).and_utc()));
        if matches!(text, "beginning" | "0") { Ok(Self::Beginning) } else { position().or_else(time).or_else(day).ok_or(NoPoint) }
    }
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

/// Dead letters redriven in one transaction.
const AT_ONCE: usize = 64;

impl Stream {
    /// Gives committed events their positions, where the engine does not do so by itself. Consumers do it too; this is for other readers.
    pub async fn give_positions(&self) -> Result<(), DbErr> {
        event::give_positions(&self.database, 2048).await.map(drop)
    }

    /// Changes whenever this process has committed events, and says of which types.
    pub fn appended(&self) -> tokio::sync::watch::Receiver<portreeve_database::Told> {
        self.database.appended()
    }

    /// The position of the last event.
    pub async fn last_position(&self) -> Result<i64, DbErr> {
        event::last_position(self.database.reader()).await
    }

    /// The first event that is kept.
    pub async fn first(&self) -> Result<Option<Recorded>, DbErr> {
        event::first(self.database.reader()).await
    }

    /// The position before the one from which is to be read.
    pub async fn position_before(&self, from: ReplayFrom) -> Result<i64, DbErr> {
        position_before(self.database.reader(), from).await
    }

    /// What carries the events: `database` or `nats`.
    pub fn engine(&self) -> &'static str {
        match self.engine {
            Engine::Database => "database",
            Engine::Nats(_) => "nats",
        }
    }

    /// The events after `position`, in order.
    pub async fn read(&self, position: i64, limit: u64) -> Result<Vec<Recorded>, DbErr> {
        event::after(self.database.reader(), position, limit).await
    }

    /// Every consumer that was ever run.
    pub async fn consumers(&self) -> Result<Vec<ConsumerInfo>, DbErr> {
        let db = self.database.reader();
        let (last, now) = (event::last_position(db).await?, self.clock.now());
        let mut infos = Vec::new();
        for row in consumer::all(db).await?.into_iter().filter(|row| row.name != RELAY) {
            let (pending, failing) = delivery::count(db, &row.name).await?;
            infos.push(ConsumerInfo {
                lag: (last - row.position).max(0),
                pending,
                failing,
                dead: dead_letter::count(db, Some(&row.name)).await?,
                position: row.position,
                handled: row.handled,
                handled_lately: row.handled_lately(now),
                updated_at: row.updated_at,
                name: row.name,
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
                let position = position_before(&transaction, from).await?;
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
                if !send_again(&transaction, &letter, now).await? {
                    return Err(Unknown::DeadLetter(id));
                }
                Ok(letter)
            })
            .await
    }

    /// Sends every dead letter of `consumer`, or of all, to its consumer again; says how many. Those that die meanwhile stay.
    pub async fn redrive_all(&self, consumer: Option<&str>) -> Result<u64, DbErr> {
        // Which these are is settled first: one that dies again at once is a new one, and by its id, which the clock makes, no later one.
        let ids = dead_letter::ids(self.database.reader(), consumer).await?;
        let mut redriven = 0;
        for ids in ids.chunks(AT_ONCE).map(<[_]>::to_vec) {
            let now = self.clock.now();
            redriven += self
                .database
                .write(async move |transaction| {
                    let mut sent = 0;
                    for letter in &dead_letter::find_all(&transaction, &ids).await? {
                        sent += u64::from(send_again(&transaction, letter, now).await?);
                    }
                    Ok::<_, DbErr>(sent)
                })
                .await?;
        }
        Ok(redriven)
    }

    /// Throws a dead letter away.
    ///
    /// # Errors
    /// [`Unknown::DeadLetter`].
    pub async fn drop_dead_letter(&self, id: Uuid) -> Result<(), Unknown> {
        let dropped = self.database.write(async move |transaction| dead_letter::delete(&transaction, id).await).await?;
        if dropped { Ok(()) } else { Err(Unknown::DeadLetter(id)) }
    }

    /// Forgets what is older than `before`, and the oldest of more than `most`, as far as every consumer has passed it; says how many events.
    pub async fn forget(&self, before: DateTime<Utc>, most: u64) -> Result<u64, DbErr> {
        // The relay's place means nothing while the database carries the events by itself.
        let relayed = matches!(self.engine, Engine::Nats(_));
        let rows = consumer::all(self.database.reader()).await?;
        let passed = rows.iter().filter(|row| relayed || row.name != RELAY).map(|row| row.position).min();
        let Some(position) = passed else { return Ok(0) };
        let surplus = self.last_position().await?.saturating_sub_unsigned(most);
        self.database.write(async move |transaction| event::delete_old(&transaction, position, before, surplus).await).await
    }
}

/// `false` if another was faster.
async fn send_again(transaction: &Transaction, letter: &DeadLetter, now: DateTime<Utc>) -> Result<bool, DbErr> {
    if !dead_letter::delete(transaction, letter.id).await? {
        return Ok(false);
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
    delivery::insert(transaction, vec![delivery]).await?;
    transaction.ring_when_committed();
    Ok(true)
}

async fn position_before(db: &impl ConnectionTrait, from: ReplayFrom) -> Result<i64, DbErr> {
    match from {
        ReplayFrom::Beginning => Ok(0),
        ReplayFrom::Position(position) => Ok(position.saturating_sub(1).max(0)),
        ReplayFrom::Time(time) => event::position_before(db, time).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_a_position_a_time_or_a_day() {
        let at = |text: &str| ReplayFrom::Time(DateTime::parse_from_rfc3339(text).unwrap().to_utc());
        for (text, from) in [
            ("beginning", ReplayFrom::Beginning),
            ("1", ReplayFrom::Position(1)),
            ("9223372036854775807", ReplayFrom::Position(i64::MAX)),
            ("2026-11-21T09:30:00+02:00", at("2026-11-21T07:30:00Z")),
            ("2026-11-21", at("2026-11-21T00:00:00Z")),
        ] {
            assert_eq!(text.parse(), Ok(from), "{text}");
        }
        for text in ["", "00x", "-1", "9223372036854775808", "yesterday", "2026-13-01", "2026-11-21 09:30"] {
            assert_eq!(text.parse::<ReplayFrom>(), Err(NoPoint), "{text}");
        }
    }
}
