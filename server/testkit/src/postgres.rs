//! Databases on the test run's PostgreSQL.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use sea_orm::ConnectionTrait;

const SERVER: &str = "PORTREEVE_TEST_DATABASE_URL";

/// An empty database of one test's own. Dropped with this: a run makes a thousand, of eight megabytes each before anything is in them.
#[derive(Debug)]
pub struct Postgres {
    server: String,
    name: String,
}

impl Postgres {
    /// A new one, if `PORTREEVE_TEST_DATABASE_URL` names a server.
    ///
    /// # Panics
    /// If there is one named that is not there.
    pub async fn create() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var(SERVER).ok()?;
        let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let connection = sea_orm::Database::connect(&server).await.expect("the PostgreSQL of this run");
        connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
        connection.close().await.expect("an end");
        Some(Self { server, name })
    }

    /// How to connect to it.
    ///
    /// # Panics
    /// If the server's URL does not end with a database's name.
    pub fn url(&self) -> String {
        let (address, _) = self.server.rsplit_once('/').expect("a URL that ends with a database's name");
        format!("{address}/{}", self.name)
    }
}

impl Drop for Postgres {
    /// Beside the next tests: a PostgreSQL writes down all that it has not yet before it drops a database.
    fn drop(&mut self) {
        let (server, drop) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                // What is left goes with the server.
                if let Ok(connection) = sea_orm::Database::connect(&server).await {
                    let _ = connection.execute_unprepared(&drop).await;
                }
            });
        });
    }
}
