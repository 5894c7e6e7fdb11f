//! What tests of several crates share.

pub mod nats;
mod port;
mod postgres;
pub mod proxy;
pub mod redis;
pub mod s3;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use portreeve_backends::clock::Manual;
use portreeve_database::{Database, Url, migration};
use tempfile::TempDir;

pub use port::port;
pub use postgres::Postgres;
pub use proxy::Proxy;

/// A migrated database: SQLite's in a temporary file, gone when this is dropped; or one of its own on the test run's PostgreSQL, dropped with
/// this.
#[derive(Debug)]
pub struct TestDatabase {
    /// Open.
    pub database: Database,
    url: Url,
    folder: TempDir,
    _postgres: Option<Postgres>,
}

impl TestDatabase {
    /// A fresh one.
    ///
    /// # Panics
    /// If the machine has no room for it: a test without a database proves nothing.
    pub async fn fresh() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = Url::Sqlite { path: folder.path().join("test.db"), readers: 2 };
        Self::migrated(url, folder, None).await
    }

    /// A fresh one on the PostgreSQL that `PORTREEVE_TEST_DATABASE_URL` names, if it names one.
    ///
    /// # Panics
    /// If there is one named that is not there.
    pub async fn postgres() -> Option<Self> {
        let postgres = Postgres::create().await?;
        let url = Url::Postgres { url: postgres.url(), connections: 8 };
        Some(Self::migrated(url, tempfile::tempdir().expect("a temporary folder"), Some(postgres)).await)
    }

    async fn migrated(url: Url, folder: TempDir, postgres: Option<Postgres>) -> Self {
        let database = Database::connect(&url).await.expect("a database");
        migration::apply(&database).await.expect("a schema");
        Self { database, url, folder, _postgres: postgres }
    }

    /// The same database as another process has it open.
    ///
    /// # Panics
    /// If it cannot be opened again.
    pub async fn another(&self) -> Database {
        Database::connect(&self.url).await.expect("the database once more")
    }

    /// Where it is, for another process.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// A path beside the database.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A clock that stands still at the same time in every test.
///
/// # Panics
/// Never: the time is one.
pub fn clock() -> Manual {
    Manual::at(DateTime::<Utc>::from_timestamp(1_780_000_000, 0).expect("a time"))
}
