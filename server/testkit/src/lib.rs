//! What tests of several crates share.

pub mod proxy;
pub mod s3;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use portreeve_backends::clock::Manual;
use portreeve_database::{Database, Url, migration};
use tempfile::TempDir;

pub use proxy::Proxy;

/// A migrated SQLite database in a temporary file; gone when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    /// Open.
    pub database: Database,
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
        let database = Database::connect(&url).await.expect("a database");
        migration::apply(&database).await.expect("a schema");
        Self { database, folder }
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
