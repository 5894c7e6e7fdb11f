//! SQLite has one writer. This is it: a task that runs waiting works one after the other as savepoints and commits them together, so that
//! the more wait, the fewer fsyncs each costs.

use std::panic::AssertUnwindSafe;

use futures::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::Transaction;

/// Works under one COMMIT at most: bounds how long the first one waits for the last.
const BATCH: usize = 128;
/// Works that may wait before callers do.
const QUEUE: usize = 1024;

#[derive(Clone, Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Box<dyn Work>>,
    connection: DatabaseConnection,
    task: std::sync::Arc<std::sync::Mutex<Option<JoinHandle<()>>>>,
}

impl Writer {
    pub(crate) fn spawn(connection: DatabaseConnection) -> Self {
        let (queue, works) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(connection.clone(), works));
        Self { queue, connection, task: std::sync::Arc::new(std::sync::Mutex::new(Some(task))) }
    }

    /// The connection itself, for what runs before anything else writes.
    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    pub(crate) async fn write<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(Transaction) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send + 'static,
        E: From<DbErr> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work = Pending { work: Some(work), outcome: None, reply };
        let gone = |()| E::from(DbErr::Custom("the write was not carried out".to_owned()));
        self.queue.send(Box::new(work)).await.map_err(|_| gone(()))?;
        answer.await.map_err(|_| gone(()))?
    }

    pub(crate) async fn close(self) {
        let task = self.task.lock().ok().and_then(|mut task| task.take());
        drop(self.queue);
        if let Some(task) = task {
            // Other handles may live on in clones; what they still send is not waited for.
            let _ = tokio::time::timeout(std::time::Duration::from_secs(1), task).await;
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "closing the database");
        }
    }
}

async fn run(connection: DatabaseConnection, mut works: mpsc::Receiver<Box<dyn Work>>) {
    let mut batch: Vec<Box<dyn Work>> = Vec::with_capacity(BATCH);
    while works.recv_many(&mut batch, BATCH).await > 0 {
        let outcome = commit(&connection, &mut batch).await;
        for work in batch.drain(..) {
            work.finish(outcome.clone());
        }
    }
}

async fn commit(connection: &DatabaseConnection, batch: &mut [Box<dyn Work>]) -> Result<(), DbErr> {
    let transaction = connection.begin_with_options(Transaction::immediate()).await?;
    for work in batch.iter_mut() {
        work.run(&transaction).await?;
    }
    transaction.commit().await
}

/// A closure with its type forgotten.
trait Work: Send {
    /// Runs it in a savepoint. `Err` only if the savepoint itself cannot be opened or ended, which dooms the whole batch.
    fn run<'a>(&'a mut self, batch: &'a DatabaseTransaction) -> BoxFuture<'a, Result<(), DbErr>>;
    /// Tells the caller, now that it is known whether the batch was committed.
    fn finish(self: Box<Self>, committed: Result<(), DbErr>);
}

struct Pending<F, T, E> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, Fut, T, E> Work for Pending<F, T, E>
where
    F: FnOnce(Transaction) -> Fut + Send,
    Fut: Future<Output = Result<T, E>> + Send,
    T: Send,
    E: From<DbErr> + Send,
{
    fn run<'a>(&'a mut self, batch: &'a DatabaseTransaction) -> BoxFuture<'a, Result<(), DbErr>> {
        async move {
            let Some(work) = self.work.take() else { return Ok(()) };
            if self.reply.is_closed() {
                return Ok(()); // nobody waits any more, and nothing was promised
            }
            let savepoint = Transaction::begin(batch).await?;
            let handle = savepoint.clone();
            let outcome = AssertUnwindSafe(async move { work(handle).await }).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| Err(DbErr::Custom("a write panicked and was rolled back".to_owned()).into()));
            savepoint.end(outcome.is_ok()).await?;
            self.outcome = Some(outcome);
            Ok(())
        }
        .boxed()
    }

    fn finish(self: Box<Self>, committed: Result<(), DbErr>) {
        let answer = match (self.outcome, committed) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (Some(outcome), Ok(())) => outcome,
            (None, Ok(())) => return,
        };
        let _ = self.reply.send(answer); // the caller may have gone away; the change stands all the same
    }
}
