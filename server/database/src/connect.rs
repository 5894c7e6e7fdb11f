//! Connecting to either engine.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, SqlxPostgresConnector, SqlxSqliteConnector, Statement, TransactionTrait,
    sqlx::{
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};
use tokio::sync::watch;
use tracing::Instrument;

use crate::{
    OpenError, Reader, Transaction,
    standing::{self, Memory},
    told::{Tell, Told},
    trace,
    writer::Writer,
};

/// Which database, and how many connections to it.
#[derive(Clone, Debug)]
pub enum Url {
    /// A file in write-ahead-log mode.
    Sqlite {
        /// Made if it is not there.
        path: PathBuf,
        /// Connections that only read.
        readers: u32,
    },
    /// A server.
    Postgres {
        /// `postgres://user:password@host/database`.
        url: String,
        /// Connections in all.
        connections: u32,
    },
}

/// How busy the pool is. SQLite's writer has a connection of its own beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// Open.
    pub open: u32,
    /// Those of them that nobody uses now.
    pub idle: u32,
    /// As many as there may be.
    pub most: u32,
}

/// A pool that reads, and one way to write.
#[derive(Clone, Debug)]
pub struct Database {
    reader: Reader,
    engine: Engine,
    appended: watch::Sender<Told>,
    memory: Arc<Memory>,
}

#[derive(Clone, Debug)]
enum Engine {
    Sqlite(Writer),
    Postgres(Box<PgConnectOptions>),
}

impl Database {
    /// Connects without looking at the schema; see [`crate::migration`].
    ///
    /// # Errors
    /// [`OpenError::File`], [`OpenError::Corrupt`] or [`OpenError::Server`].
    pub async fn connect(url: &Url) -> Result<Self, OpenError> {
        match url {
            Url::Sqlite { path, readers } => sqlite(path, *readers).await,
            Url::Postgres { url, connections } => postgres(url, *connections).await,
        }
    }

    /// For reading. On SQLite it refuses to write.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Runs `work` in a transaction that is durable once this returns `Ok`; an error rolls all of it back.
    ///
    /// On SQLite, works that wait at the same time run one after the other as savepoints under one COMMIT: they share an fsync, keep
    /// their own failures, and never meet a lock. `work` should therefore do nothing slow but queries, and it must not call `write`.
    ///
    /// # Errors
    /// Those of `work`, which leave nothing written, and the engine's. Of one that met the commit itself nobody knows whether it stands.
    #[tracing::instrument(target = "otel", level = "trace", name = "transaction", skip_all)]
    pub async fn write<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(Transaction) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: From<DbErr> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(writer) => writer.write(work).await,
            Engine::Postgres(_) => {
                let transaction = Transaction::begin(self.reader.pool()).await?;
                let outcome = transaction.judge(work(transaction.clone()).await);
                // By itself: whoever asked may go away while it is committed, and others have to hear of it all the same.
                let ended = tokio::spawn(self.clone().end(transaction, outcome.is_ok()).in_current_span());
                ended.await.map_err(|error| DbErr::Custom(error.to_string()))??;
                outcome
            }
        }
    }

    /// On a server.
    async fn end(self, transaction: Transaction, keep: bool) -> Result<(), DbErr> {
        let (tells, concerns) = if keep { (transaction.tells(), transaction.concerns()) } else { (Vec::new(), Vec::new()) };
        let ended = transaction.end(keep).await;
        // Whatever became of it: after an error nobody knows whether it stands.
        self.memory.forget(concerns.iter().copied());
        ended?;
        tell(&self.appended, tells);
        if !concerns.is_empty() {
            standing::wake_others(self.reader.pool());
        }
        Ok(())
    }

    /// Changes whenever this process has committed events, and says of which types.
    pub fn appended(&self) -> watch::Receiver<Told> {
        self.appended.subscribe()
    }

    /// What is remembered of callers.
    pub(crate) fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }

    /// How to reach the server, if it is one.
    pub(crate) fn server(&self) -> Option<&PgConnectOptions> {
        match &self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(options) => Some(options),
        }
    }

    /// Waits for what is being written, then closes every connection; the writer last, which leaves a single file behind.
    pub async fn close(self) {
        if let Err(error) = self.reader.close().await {
            tracing::warn!(%error, "closing the database");
        }
        if let Engine::Sqlite(writer) = self.engine {
            writer.close().await;
        }
    }

    /// How busy the pool is.
    pub fn connections(&self) -> Connections {
        self.reader.connections()
    }

    /// Whether the engine answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.execute_unprepared("SELECT 1").await.map(drop)
    }

    /// Reads everything and compares (SQLite's `quick_check`); a server looks after itself.
    pub async fn check_integrity(&self) -> Result<(), DbErr> {
        if matches!(self.engine, Engine::Postgres(_)) {
            return self.ping().await;
        }
        let answer = self.reader.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA quick_check(1)")).await?;
        match answer.map(|row| row.try_get_by_index::<String>(0)).transpose()?.as_deref() {
            Some("ok") => Ok(()),
            found => Err(DbErr::Custom(found.unwrap_or("no answer").to_owned())),
        }
    }

    pub(crate) async fn begin_schema_change(&self) -> Result<sea_orm::DatabaseTransaction, DbErr> {
        match &self.engine {
            Engine::Sqlite(writer) => writer.connection().begin_with_options(Transaction::immediate()).await,
            Engine::Postgres(_) => self.reader.pool().begin().await,
        }
    }
}

/// Wakes whoever waits for events, if there is something to tell.
pub(crate) fn tell(appended: &watch::Sender<Told>, tells: Vec<Tell>) {
    if !tells.is_empty() {
        appended.send_modify(|told| told.add(tells));
    }
}

async fn sqlite(path: &Path, readers: u32) -> Result<Database, OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL syncs the log at every commit: what was answered survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // Another process (the command line) may hold the write lock for a moment.
        .busy_timeout(Duration::from_secs(10));
    let failed = |error: sea_orm::sqlx::Error| open_error(path, &error);

    // Without a ping before each use: it would be another trip to the connection's thread.
    let (appended, memory) = (watch::Sender::default(), Arc::<Memory>::default());
    let writer = Writer::open(options.clone().optimize_on_close(true, None), appended.clone(), memory.clone()).await.map_err(failed)?;
    let reader = SqlitePoolOptions::new()
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .max_connections(readers)
        .connect_with(options.pragma("query_only", "ON").create_if_missing(false))
        .await
        .map_err(failed)?;
    let mut reader = SqlxSqliteConnector::from_sqlx_sqlite_pool(reader);
    trace::statements_of(&mut reader);
    Ok(Database { reader: Reader::of_file(reader), engine: Engine::Sqlite(writer), appended, memory })
}

fn open_error(path: &Path, error: &sea_orm::sqlx::Error) -> OpenError {
    let path = path.to_owned();
    // SQLITE_CORRUPT and SQLITE_NOTADB, by their result codes.
    let corrupt =
        error.as_database_error().and_then(sea_orm::sqlx::error::DatabaseError::code).is_some_and(|code| code == "11" || code == "26");
    let source = DbErr::Custom(error.to_string());
    if corrupt { OpenError::Corrupt { path, source } } else { OpenError::File { path, source } }
}

async fn postgres(url: &str, connections: u32) -> Result<Database, OpenError> {
    let failed = |error: sea_orm::sqlx::Error| OpenError::Server(DbErr::Custom(error.to_string()));
    let options = url.parse::<PgConnectOptions>().map_err(failed)?.application_name("portreeve");
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options.clone())
        .await
        .map_err(failed)?;
    let mut reader = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    trace::statements_of(&mut reader);
    Ok(Database {
        reader: Reader::of_server(reader),
        engine: Engine::Postgres(Box::new(options)),
        appended: watch::Sender::default(),
        memory: Arc::default(),
    })
}
