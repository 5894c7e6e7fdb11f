//! Where the events of all processes are heard.
//!
//! On PostgreSQL by a connection of its own, so that it hears when all others are busy. It is told of changes (LISTEN), and what it is told is only
//! that there is something to look at: a notification that is lost costs a moment, never the truth.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, RuntimeErr,
    sqlx::{
        self,
        postgres::{PgConnectOptions, PgListener, PgPoolOptions},
    },
};

use crate::{Database, Reader, event};

const CHANNEL: &str = "portreeve_standing";

/// An event's position, if it has got one yet, its type and its subject.
pub(super) type Heard = (Option<i64>, String, String);

pub(super) enum Ear {
    Sqlite(Reader),
    /// Connects when it first has to.
    Postgres(Box<PgConnectOptions>, Option<PgListener>),
}

/// Tells the other nodes that somebody's standing changed.
///
/// Not in the transaction of the change: PostgreSQL commits transactions that notify one at a time. Nor is it waited for: see above.
pub(crate) fn wake_others(database: &DatabaseConnection) {
    let database = database.clone();
    tokio::spawn(async move {
        if let Err(error) = database.execute_unprepared(&format!("NOTIFY {CHANNEL}")).await {
            tracing::debug!(%error, "other nodes could not be told at once; they will look");
        }
    });
}

impl Ear {
    pub(super) fn of(database: &Database) -> Self {
        match database.server() {
            None => Self::Sqlite(database.reader().clone()),
            Some(options) => Self::Postgres(Box::new(options.clone()), None),
        }
    }

    /// Every committed event after `position`, up to `limit` of them.
    ///
    /// On PostgreSQL also those that have no position yet: one that commits late would otherwise be heard of only once somebody gave it one. They are
    /// heard of again, then.
    pub(super) async fn after(&mut self, position: i64, limit: u64) -> Result<Vec<Heard>, DbErr> {
        match self {
            Self::Sqlite(reader) => {
                let events = event::subjects_after(reader, position, limit).await?;
                Ok(events.into_iter().map(|(position, r#type, subject)| (Some(position), r#type, subject)).collect())
            }
            Self::Postgres(options, listener) => {
                // One statement, so one snapshot; never prepared, so always planned for this very position.
                let query = sqlx::query_as(
                    "SELECT position, type, subject FROM events WHERE position > $1 \
                     UNION ALL SELECT position, type, subject FROM events WHERE position IS NULL LIMIT $2",
                );
                let query = query.persistent(false).bind(position).bind(i64::try_from(limit).unwrap_or(i64::MAX));
                query.fetch_all(connected(options, listener).await?).await.map_err(failed)
            }
        }
    }

    /// The position of the last event, or 0.
    pub(super) async fn last_position(&mut self) -> Result<i64, DbErr> {
        match self {
            Self::Sqlite(reader) => event::last_position(reader).await,
            Self::Postgres(options, listener) => {
                let query = sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM events");
                query.fetch_one(connected(options, listener).await?).await.map_err(failed)
            }
        }
    }

    /// Waits until another node says that there is something to look at; on SQLite, where none can, for ever.
    pub(super) async fn rings(&mut self) {
        let Self::Postgres(_, listener) = self else { return std::future::pending().await };
        let Some(ear) = listener else { return std::future::pending().await };
        match ear.try_recv().await {
            // One look is enough for all of them.
            Ok(Some(_)) => while ear.next_buffered().is_some() {},
            Ok(None) | Err(_) => *listener = None,
        }
    }

    /// Lets go of a connection that failed.
    pub(super) fn reset(&mut self) {
        if let Self::Postgres(_, listener) = self {
            *listener = None;
        }
    }
}

async fn connected<'a>(options: &PgConnectOptions, listener: &'a mut Option<PgListener>) -> Result<&'a mut PgListener, DbErr> {
    if listener.is_none() {
        // A pool of its own each time, of one: what becomes of a broken connection in it is nobody's concern.
        let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let pool = pool.connect_with(options.clone()).await.map_err(failed)?;
        let mut fresh = PgListener::connect_with(&pool).await.map_err(failed)?;
        // A lost connection is told at once, and replaced here.
        fresh.eager_reconnect(false);
        fresh.listen(CHANNEL).await.map_err(failed)?;
        *listener = Some(fresh);
    }
    listener.as_mut().ok_or_else(|| DbErr::Custom("no connection".to_owned()))
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
