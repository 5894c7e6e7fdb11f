//! A transaction as the closures of [`crate::Database::write`] see it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use parking_lot::Mutex;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, SqliteTransactionMode, Statement, StatementBuilder,
    TransactionOptions, TransactionTrait,
};

use crate::{debts::Debts, standing::Concern, told::Tell};

/// A handle on an open transaction. It cannot be committed or rolled back by hand: the closure's result decides.
#[derive(Clone, Debug)]
pub struct Transaction {
    inner: Arc<DatabaseTransaction>,
    tells: Arc<Mutex<Vec<Tell>>>,
    concerns: Arc<Mutex<Vec<Concern>>>,
    waiting: Arc<Mutex<Vec<Statement>>>,
    /// Statements that failed, or whose end nobody waited for.
    unsettled: Arc<AtomicUsize>,
    /// Of the batch that it is part of.
    debts: Option<Arc<Debts>>,
}

/// What a work on a shared transaction left behind.
pub(crate) struct Left {
    /// What it has to tell.
    pub(crate) tells: Vec<Tell>,
    /// What is still to be carried out.
    pub(crate) waiting: Vec<Statement>,
}

impl Transaction {
    pub(crate) async fn begin(connection: &impl TransactionTrait<Transaction = DatabaseTransaction>) -> Result<Self, DbErr> {
        Ok(Self::within(&Arc::new(connection.begin().await?), None))
    }

    /// A handle for a work, which may be one of several on the same transaction.
    pub(crate) fn within(batch: &Arc<DatabaseTransaction>, debts: Option<&Arc<Debts>>) -> Self {
        Self {
            inner: batch.clone(),
            tells: Arc::default(),
            concerns: Arc::default(),
            waiting: Arc::default(),
            unsettled: Arc::default(),
            debts: debts.cloned(),
        }
    }

    /// Takes that handle back.
    pub(crate) fn leave(self) -> Result<Left, DbErr> {
        let tells = Arc::into_inner(self.tells).map(Mutex::into_inner).ok_or_else(outlived)?;
        Ok(Left { tells, waiting: std::mem::take(&mut self.waiting.lock()) })
    }

    /// Carries it out with the next query, or before the end: nobody looks at its result, and on SQLite each statement by itself is a trip to another
    /// thread and back. If it fails, so does that query, or the whole of it.
    pub(crate) async fn later(&self, statement: &impl StatementBuilder) -> Result<(), DbErr> {
        let statement = statement.build(&self.get_database_backend());
        if self.get_database_backend() == DbBackend::Sqlite {
            self.waiting.lock().push(statement);
            return Ok(());
        }
        self.settle(self.inner.execute_raw(statement)).await.map(drop)
    }

    async fn settle<T>(&self, asked: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        self.unsettled.fetch_add(1, Ordering::Relaxed);
        let answer = asked.await?;
        self.unsettled.fetch_sub(1, Ordering::Relaxed);
        Ok(answer)
    }

    /// The outcome of a closure, which cannot be good if one of its statements was not: of those that went along with it nobody knows any more, and an engine may have
    /// ended the transaction by itself.
    pub(crate) fn judge<T, E: From<DbErr>>(&self, outcome: Result<T, E>) -> Result<T, E> {
        match self.unsettled.load(Ordering::Relaxed) {
            0 => outcome,
            _ => outcome.and_then(|_| Err(DbErr::Custom("a write went on although a statement of it had failed".to_owned()).into())),
        }
    }

    /// What waits, and behind it, in the same trip, what is asked.
    async fn ask(&self, asked: Option<Statement>) -> Result<Vec<QueryResult>, DbErr> {
        let waiting = std::mem::take(&mut *self.waiting.lock());
        let asked = if waiting.is_empty() { asked } else { Some(together(waiting.into_iter().chain(asked).collect())) };
        match (&self.debts, asked) {
            (Some(debts), asked) => debts.pay(asked).await,
            (None, Some(asked)) => self.inner.query_all_raw(asked).await,
            (None, None) => Ok(Vec::new()),
        }
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
        if keep {
            self.ask(None).await?;
        }
        end(self.inner, keep).await
    }
}

/// One statement made of several, which SQLite takes and PostgreSQL does not. Each but the last has no rows to give.
pub(crate) fn together(mut statements: Vec<Statement>) -> Statement {
    if statements.len() == 1 {
        return statements.remove(0);
    }
    let (mut sql, mut values) = (String::new(), Vec::new());
    for statement in statements {
        if !sql.is_empty() {
            sql.push_str("; ");
        }
        sql.push_str(&statement.sql);
        values.extend(statement.values.into_iter().flatten());
    }
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

/// Whether a change that returns what it met has met anything. Asked so and not by the number of rows, it takes along what waits.
pub(crate) async fn met(db: &impl ConnectionTrait, change: &impl StatementBuilder) -> Result<bool, DbErr> {
    Ok(!db.query_all(change).await?.is_empty())
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

    /// What waits goes by itself: the rows that this one changes are counted.
    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let asked = async {
            self.ask(None).await?;
            self.inner.execute_raw(statement).await
        };
        self.settle(asked).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let asked = async {
            self.ask(None).await?;
            self.inner.execute_unprepared(sql).await
        };
        self.settle(asked).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.settle(self.ask(Some(statement))).await
    }
}
