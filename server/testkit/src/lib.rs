//! What tests of several crates share.

pub mod nats;
mod port;
pub mod proxy;
pub mod redis;
pub mod s3;

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use chrono::{DateTime, Utc};
use portreeve_backends::clock::Manual;
use portreeve_database::{Database, Url, migration};
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

pub use port::port;
pub use proxy::Proxy;

/// A migrated database: SQLite's in a temporary file, gone when this is dropped; or one of its own on the test run's PostgreSQL, gone with that.
#[derive(Debug)]
pub struct TestDatabase {
    /// Open.
    pub database: Database,
    url: Url,
    folder: TempDir,
}

impl TestDatabase {
    /// A fresh one.
    ///
    /// # Panics
    /// If the machine has no room for it: a test without a database proves nothing.
    pub async fn fresh() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = Url::Sqlite { path: folder.path().join("test.db"), readers: 2 };
        Self::migrated(url, folder).await
    }

    /// A fresh one on the PostgreSQL that `PORTREEVE_TEST_DATABASE_URL` names, if it names one.
    ///
    /// # Panics
    /// If there is one named that is not there.
    pub async fn postgres() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("PORTREEVE_TEST_DATABASE_URL").ok()?;
        let name = format!("kit_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let (address, _) = server.rsplit_once('/').expect("a URL that ends with a database's name");
        let url = Url::Postgres { url: format!("{address}/{name}"), connections: 8 };
        let server = Database::connect(&Url::Postgres { url: server, connections: 1 }).await.expect("the PostgreSQL of this run");
        server.reader().execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
        server.close().await;
        Some(Self::migrated(url, tempfile::tempdir().expect("a temporary folder")).await)
    }

    async fn migrated(url: Url, folder: TempDir) -> Self {
        let database = Database::connect(&url).await.expect("a database");
        migration::apply(&database).await.expect("a schema");
        Self { database, url, folder }
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
