//! What reads.

use std::sync::Arc;

use parking_lot::Mutex;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement, TransactionTrait,
    prelude::async_trait::async_trait,
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, SemaphorePermit},
};

use crate::connect::Connections;

/// Takes a connection out of SQLite's pool for good. The pool tries each that comes back, which is one more trip to SQLite's thread for each query.
///
/// To the driver this is a transaction that never ends: what is open once it is dropped is undone.
pub(crate) async fn hold(pool: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let held = pool.begin().await?;
    held.execute_unprepared("COMMIT").await?;
    Ok(held)
}

/// Connections for reading.
#[derive(Clone, Debug)]
pub struct Reader {
    pool: DatabaseConnection,
    /// On SQLite.
    kept: Option<Arc<Kept>>,
}

/// Those that were taken out of the pool.
#[derive(Debug)]
struct Kept {
    free: Mutex<Vec<DatabaseTransaction>>,
    /// One for each that there may be.
    permits: Semaphore,
    runtime: Handle,
}

impl Reader {
    pub(crate) fn of_server(pool: DatabaseConnection) -> Self {
        Self { pool, kept: None }
    }

    pub(crate) fn of_file(pool: DatabaseConnection) -> Self {
        let most = usize::try_from(pool.get_sqlite_connection_pool().options().get_max_connections()).unwrap_or(Semaphore::MAX_PERMITS);
        Self { pool, kept: Some(Arc::new(Kept { free: Mutex::default(), permits: Semaphore::new(most), runtime: Handle::current() })) }
    }

    /// For what is more than a query.
    pub(crate) fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    pub(crate) fn connections(&self) -> Connections {
        let (open, idle, most) = if let Some(kept) = &self.kept {
            let pool = self.pool.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle() + kept.free.lock().len(), pool.options().get_max_connections())
        } else {
            let pool = self.pool.get_postgres_connection_pool();
            (pool.size(), pool.num_idle(), pool.options().get_max_connections())
        };
        Connections { open, idle: u32::try_from(idle).unwrap_or(open).min(open), most }
    }

    /// Waits for what is being read; what is asked later is refused.
    pub(crate) async fn close(self) -> Result<(), DbErr> {
        if let Some(kept) = &self.kept {
            kept.permits.close();
            kept.free.lock().clear();
        }
        self.pool.close().await
    }
}

impl Kept {
    async fn lend(&self, pool: &DatabaseConnection) -> Result<(DatabaseTransaction, SemaphorePermit<'_>), DbErr> {
        let permit = self.permits.acquire().await.map_err(|_| DbErr::Custom("the database is closed".to_owned()))?;
        let free = self.free.lock().pop();
        let connection = match free {
            Some(connection) => connection,
            None => hold(pool).await?,
        };
        Ok((connection, permit))
    }

    /// One that is not given back, since something failed or nobody waits for the answer any more, finds its way into the pool, and is tried there.
    fn take_back(&self, connection: DatabaseTransaction) {
        let mut free = self.free.lock();
        if !self.permits.is_closed() {
            free.push(connection);
        }
    }
}

/// Wherever that happens: each finds its way back into the pool by a task.
impl Drop for Kept {
    fn drop(&mut self) {
        let _within = self.runtime.enter();
        self.free.get_mut().clear();
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let Some(kept) = &self.kept else { return self.pool.execute_raw(statement).await };
        let (connection, _permit) = kept.lend(&self.pool).await?;
        let done = connection.execute_raw(statement).await?;
        kept.take_back(connection);
        Ok(done)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let Some(kept) = &self.kept else { return self.pool.execute_unprepared(sql).await };
        let (connection, _permit) = kept.lend(&self.pool).await?;
        let done = connection.execute_unprepared(sql).await?;
        kept.take_back(connection);
        Ok(done)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let Some(kept) = &self.kept else { return self.pool.query_one_raw(statement).await };
        let (connection, _permit) = kept.lend(&self.pool).await?;
        let row = connection.query_one_raw(statement).await?;
        kept.take_back(connection);
        Ok(row)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let Some(kept) = &self.kept else { return self.pool.query_all_raw(statement).await };
        let (connection, _permit) = kept.lend(&self.pool).await?;
        let rows = connection.query_all_raw(statement).await?;
        kept.take_back(connection);
        Ok(rows)
    }
}
