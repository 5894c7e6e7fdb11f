//! A transaction as the closures of [`crate::Database::write`] see it.

use std::sync::Arc;

use parking_lot::Mutex;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};

use crate::{standing::Concern, told::Tell};

/// A handle on an open transaction. It cannot be committed or rolled back by hand: the closure's result decides.
#[derive(Clone, Debug)]
pub struct Transaction {
    inner: Arc<DatabaseTransaction>,
    tells: Arc<Mutex<Vec<Tell>>>,
    concerns: Arc<Mutex<Vec<Concern>>>,
}

impl Transaction {
    pub(crate) async fn begin(connection: &impl TransactionTrait<Transaction = DatabaseTransaction>) -> Result<Self, DbErr> {
        Ok(Self { inner: Arc::new(connection.begin().await?), tells: Arc::default(), concerns: Arc::default() })
    }

    /// A handle for one of several works on the same transaction.
    pub(crate) fn within(batch: &Arc<DatabaseTransaction>) -> Self {
        Self { inner: batch.clone(), tells: Arc::default(), concerns: Arc::default() }
    }

    /// Takes that handle back; says what it has to tell.
    pub(crate) fn leave(self) -> Result<Vec<Tell>, DbErr> {
        Arc::into_inner(self.tells).map(Mutex::into_inner).ok_or_else(outlived)
    }

    /// BEGIN IMMEDIATE: one that reads first and writes later would fail at once with “database is locked” under concurrency.
    pub(crate) fn immediate() -> TransactionOptions {
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() }
    }

    /// Wakes whoever waits for events of this type once this is committed.
    pub(crate) fn tell_when_committed(&self, event_type: String) {
        self.tells.lock().push(Tell::Appended(event_type));
    }

    /// Wakes whoever waits for events, of whatever type, once this is committed: some are to be read again.
    pub fn ring_when_committed(&self) {
        self.tells.lock().push(Tell::ReadAgain);
    }

    /// What is remembered of somebody is not so any more once this is committed.
    pub(crate) fn forget_when_committed(&self, concern: Concern) {
        self.concerns.lock().push(concern);
    }

    /// Whose standing it changes.
    pub(crate) fn concerns(&self) -> Vec<Concern> {
        std::mem::take(&mut *self.concerns.lock())
    }

    /// What it has to tell.
    pub(crate) fn tells(&self) -> Vec<Tell> {
        std::mem::take(&mut *self.tells.lock())
    }

    pub(crate) async fn end(self, keep: bool) -> Result<(), DbErr> {
        end(self.inner, keep).await
    }
}

/// Commits or rolls back what nobody else has a handle on.
pub(crate) async fn end(transaction: Arc<DatabaseTransaction>, keep: bool) -> Result<(), DbErr> {
    let transaction = Arc::into_inner(transaction).ok_or_else(outlived)?;
    if keep { transaction.commit().await } else { transaction.rollback().await }
}

fn outlived() -> DbErr {
    DbErr::Custom("a transaction outlived its closure".to_owned())
}

#[sea_orm::prelude::async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }
}
