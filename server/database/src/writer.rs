//! SQLite has one writer. This is it: a task that runs waiting works one after the other as savepoints and commits them together, so that
//! the more wait, the fewer fsyncs each costs.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
};

use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqlxSqliteConnector, Statement,
    sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    task::JoinHandle,
};

use tracing::{Instrument, Span};

use crate::{
    Transaction,
    connect::tell,
    debts::Debts,
    reader::hold,
    standing::{Concern, Memory},
    told::{Tell, Told},
    trace,
};

/// Works under one COMMIT at most: bounds how long the first one waits for the last.
const BATCH: usize = 128;
/// Works that may wait before callers do.
const QUEUE: usize = 1024;

#[derive(Clone, Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Box<dyn Work>>,
    connection: DatabaseConnection,
    closing: Arc<Notify>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Writer {
    /// `appended` changes after each batch that told of something; `memory` forgets what a batch changed before anybody hears that it did.
    pub(crate) async fn open(
        options: SqliteConnectOptions,
        appended: watch::Sender<Told>,
        memory: Arc<Memory>,
    ) -> Result<Self, sea_orm::sqlx::Error> {
        let connection = connect(&options).await?;
        let (queue, works) = mpsc::channel(QUEUE);
        let closing = Arc::new(Notify::new());
        let task = tokio::spawn(run(options, connection.clone(), works, closing.clone(), (appended, memory)));
        Ok(Self { queue, connection, closing, task: Arc::new(Mutex::new(Some(task))) })
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
        let work = Pending { work: Some(work), outcome: None, tells: Vec::new(), concerns: Vec::new(), span: Span::current(), reply };
        let gone = |what: &str| E::from(DbErr::Custom(what.to_owned()));
        self.queue.send(Box::new(work)).await.map_err(|_| gone("the database is closed"))?;
        answer.await.map_err(|_| gone("it is not known whether the write was carried out"))?
    }

    /// Lets what waits be written, then closes the connection; what is sent later is refused.
    pub(crate) async fn close(self) {
        self.closing.notify_one();
        let task = self.task.lock().ok().and_then(|mut task| task.take());
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the writer died");
        }
    }
}

/// One connection, kept for good, and room for a second one: who changes the schema after something was written gets that.
async fn connect(options: &SqliteConnectOptions) -> Result<DatabaseConnection, sea_orm::sqlx::Error> {
    let pool = SqlitePoolOptions::new().max_connections(2).test_before_acquire(false).idle_timeout(None).max_lifetime(None);
    let mut connection = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.connect_with(options.clone()).await?);
    trace::statements_of(&mut connection);
    Ok(connection)
}

async fn run(
    options: SqliteConnectOptions,
    mut connection: DatabaseConnection,
    mut works: mpsc::Receiver<Box<dyn Work>>,
    closing: Arc<Notify>,
    (appended, memory): (watch::Sender<Told>, Arc<Memory>),
) {
    let mut batch: Vec<Box<dyn Work>> = Vec::with_capacity(BATCH);
    let mut held = None;
    loop {
        let received = tokio::select! {
            received = works.recv_many(&mut batch, BATCH) => received,
            // Refuses what comes from now on; what is queued is still received.
            () = closing.notified() => {
                works.close();
                continue;
            }
        };
        if received == 0 {
            break;
        }
        // Whoever is about to ask comes along.
        tokio::task::yield_now().await;
        while batch.len() < BATCH
            && let Ok(work) = works.try_recv()
        {
            batch.push(work);
        }
        let outcome = async {
            let held = match &mut held {
                Some(held) => held,
                none => none.insert(Arc::new(hold(&connection).await?)),
            };
            commit(held, &mut batch).await
        };
        let outcome = AssertUnwindSafe(outcome).catch_unwind().await;
        let outcome =
            outcome.unwrap_or_else(|_| Err(DbErr::Custom("a batch of writes panicked, and it is not known what stands".to_owned())));
        // Whatever became of it: after an error nobody knows whether it stands.
        memory.forget(batch.iter().flat_map(|work| work.concerns().iter().copied()));
        let mut tells = Vec::new();
        for work in batch.drain(..) {
            tells.extend(work.finish(outcome.clone()));
        }
        tell(&appended, tells);
        if let Err(error) = outcome {
            tracing::error!(%error, "a batch of writes was rolled back");
            if let Some(held) = held.take() {
                // Somebody may have kept a handle, and what it locks. Often there is nothing left to roll back.
                let _ = held.execute_unprepared("ROLLBACK").await;
            }
            connection = replace(connection, &options).await;
        }
    }
    drop(held);
    close(connection).await;
}

/// After an I/O error or a full disk SQLite may have ended the transaction by itself, and nobody knows what it still remembers. So such a connection is not used
/// again.
async fn replace(broken: DatabaseConnection, options: &SqliteConnectOptions) -> DatabaseConnection {
    match connect(options).await {
        Ok(fresh) => {
            // Not waited for: it ends when the last handle is gone, and somebody may keep one.
            tokio::spawn(close(broken));
            fresh
        }
        Err(error) => {
            tracing::error!(%error, "the database cannot be opened again");
            // A closed connection refuses every write, and is replaced after the next one that it refused.
            let refuses = broken.clone();
            close(broken).await;
            refuses
        }
    }
}

async fn close(connection: DatabaseConnection) {
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "closing the database");
    }
}

/// Runs works one after the other and commits them together. `Err` dooms all of them.
async fn commit(connection: &Arc<DatabaseTransaction>, batch: &mut [Box<dyn Work>]) -> Result<(), DbErr> {
    let debts = Arc::new(Debts::new(connection.clone()));
    for number in 0..batch.len() {
        let (left, span) = (batch[number].run(Transaction::within(connection, Some(&debts))).await, batch[number].span());
        let left = match left {
            Ok(left) => left,
            Err(error) => {
                debts.doom(&error).await;
                return Err(error);
            }
        };
        match left {
            Some(left) => debts.owe(number, left).instrument(span).await?,
            None => debts.undo().await?,
        }
        fail(batch, &debts).await;
    }
    let committed = debts.commit().instrument(batch.last().map_or_else(Span::none, |work| work.span())).await;
    fail(batch, &debts).await;
    committed
}

/// Tells it to a work that what it left could not be carried out.
async fn fail(batch: &mut [Box<dyn Work>], debts: &Debts) {
    if let Some((number, error)) = debts.failure().await {
        batch[number].fail(error);
    }
}

/// A closure with its type forgotten.
trait Work: Send {
    /// Runs it; says what is left to be carried out, or nothing if it is to be undone. `Err` only if it left a handle on the transaction behind, which dooms
    /// the whole batch.
    fn run(&mut self, transaction: Transaction) -> BoxFuture<'_, Result<Option<Vec<Statement>>, DbErr>>;
    /// Where what is done for it belongs.
    fn span(&self) -> Span;
    /// What it left could not be carried out.
    fn fail(&mut self, error: DbErr);
    /// Whose standing it changes.
    fn concerns(&self) -> &[Concern];
    /// Tells the caller, now that it is known whether the batch was committed; says what else there is to tell.
    fn finish(self: Box<Self>, committed: Result<(), DbErr>) -> Vec<Tell>;
}

struct Pending<F, T, E> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    tells: Vec<Tell>,
    concerns: Vec<Concern>,
    /// On whose behalf: what is logged and traced meanwhile belongs there, though this runs in the writer's task.
    span: Span,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, Fut, T, E> Work for Pending<F, T, E>
where
    F: FnOnce(Transaction) -> Fut + Send,
    Fut: Future<Output = Result<T, E>> + Send,
    T: Send,
    E: From<DbErr> + Send,
{
    fn run(&mut self, transaction: Transaction) -> BoxFuture<'_, Result<Option<Vec<Statement>>, DbErr>> {
        let span = self.span.clone();
        async move {
            let Some(work) = self.work.take() else { return Ok(None) };
            if self.reply.is_closed() {
                return Ok(None); // nobody waits any more, and nothing was promised
            }
            let handle = transaction.clone();
            let outcome = AssertUnwindSafe(async move { work(handle).await }).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| Err(DbErr::Custom("a write panicked and was rolled back".to_owned()).into()));
            let outcome = transaction.judge(outcome);
            let keep = outcome.is_ok();
            self.concerns = if keep { transaction.concerns() } else { Vec::new() };
            let left = transaction.leave()?;
            self.tells = if keep { left.tells } else { Vec::new() };
            self.outcome = Some(outcome);
            Ok(keep.then_some(left.waiting))
        }
        .instrument(span)
        .boxed()
    }

    fn span(&self) -> Span {
        self.span.clone()
    }

    fn fail(&mut self, error: DbErr) {
        self.outcome = Some(Err(error.into()));
        self.tells = Vec::new();
        self.concerns = Vec::new();
    }

    fn concerns(&self) -> &[Concern] {
        &self.concerns
    }

    fn finish(self: Box<Self>, committed: Result<(), DbErr>) -> Vec<Tell> {
        let tells = if committed.is_ok() { self.tells } else { Vec::new() };
        let answer = match (self.outcome, committed) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (Some(outcome), Ok(())) => outcome,
            (None, Ok(())) => return Vec::new(),
        };
        let _ = self.reply.send(answer); // the caller may have gone away; the change stands all the same
        tells
    }
}
