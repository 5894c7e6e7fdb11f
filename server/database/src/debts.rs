//! What the works of a batch leave to each other.
//!
//! Each trip to SQLite's thread costs more than what is done there. So the first statement of a batch takes its beginning along, the last one its end, and
//! what a work left for later is carried out with the first statement of the next work, whose savepoint takes the place of its own then. If such a trip fails,
//! somebody has to say whose failure it is: savepoints bear two names in turn, and which of them there is tells how far it came.
//!
//! A trace has what was carried out so in the span of the work that went along.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement};
use tokio::sync::Mutex;

use crate::transaction::together;

const NAMES: [&str; 2] = ["work", "next_work"];

/// Of one batch.
#[derive(Debug)]
pub(crate) struct Debts {
    connection: Arc<DatabaseTransaction>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    owed: Option<Owed>,
    /// The savepoint that there is once nothing is owed.
    savepoint: &'static str,
    /// Who could not pay, and why.
    failed: Option<(usize, DbErr)>,
    /// Why nobody can go on: a trip is under way and may be given up by who asked, or failed in a way that leaves nothing to go on with.
    doubt: Option<DbErr>,
}

/// What is to be carried out before anything else.
#[derive(Debug)]
struct Owed {
    /// Whose, and the savepoint at which they began; nobody's is the beginning of the batch.
    debtor: Option<(usize, &'static str)>,
    statements: Vec<Statement>,
}

impl Debts {
    /// Nothing but the beginning is owed: a batch that asks nothing costs nothing.
    pub(crate) fn new(connection: Arc<DatabaseTransaction>) -> Self {
        let [savepoint, _] = NAMES;
        // One that reads first and writes later would fail at once with “database is locked” under concurrency, were it not immediate.
        let begin = sql(format!("BEGIN IMMEDIATE; SAVEPOINT {savepoint}"));
        let state = State { owed: Some(Owed { debtor: None, statements: vec![begin] }), savepoint, failed: None, doubt: None };
        Self { connection, state: Mutex::new(state) }
    }

    /// Carries out what is owed, and behind it, in the same trip, what is asked. A failure is that of what is asked.
    pub(crate) async fn pay(&self, asked: Option<Statement>) -> Result<Vec<QueryResult>, DbErr> {
        // Until it is known what came of it nobody else may ask anything.
        let mut state = self.state.lock().await;
        state.check()?;
        if let Some(owed) = state.owed.take() {
            state.doubt = Some(DbErr::Custom("whoever asked went away before it was carried out".to_owned()));
            let all = together(owed.statements.into_iter().chain(asked.clone()).collect());
            let done = match self.connection.query_all_raw(all).await {
                Ok(rows) => Some(rows),
                Err(error) => {
                    if let Err(error) = self.blame(&mut state, owed.debtor, error).await {
                        state.doubt = Some(error.clone());
                        return Err(error);
                    }
                    None
                }
            };
            state.doubt = None;
            if let Some(rows) = done {
                return Ok(rows);
            }
        }
        drop(state);
        match asked {
            Some(asked) => self.connection.query_all_raw(asked).await,
            None => Ok(Vec::new()),
        }
    }

    /// A work is over: what it left is owed from now on.
    pub(crate) async fn owe(&self, debtor: usize, left: Vec<Statement>) -> Result<(), DbErr> {
        let is_owed_by = self.state.lock().await.owed.as_ref().map(|owed| owed.debtor);
        match is_owed_by {
            Some(_) if left.is_empty() => return Ok(()), // it did nothing at all
            Some(Some(_)) => drop(self.pay(None).await?),
            _ => {}
        }
        let mut state = self.state.lock().await;
        state.check()?;
        let savepoint = state.savepoint;
        let next = if savepoint == NAMES[0] { NAMES[1] } else { NAMES[0] };
        let mut statements = state.owed.take().map(|begin| begin.statements).unwrap_or_default();
        statements.extend(left);
        statements.push(sql(format!("RELEASE {savepoint}; SAVEPOINT {next}")));
        state.owed = Some(Owed { debtor: Some((debtor, savepoint)), statements });
        state.savepoint = next;
        Ok(())
    }

    /// Undoes what a work did, whose savepoint is as good as new then.
    pub(crate) async fn undo(&self) -> Result<(), DbErr> {
        let state = self.state.lock().await;
        state.check()?;
        if state.owed.is_some() {
            return Ok(()); // it did nothing
        }
        self.back_to(state.savepoint).await
    }

    /// Nobody asks anything any more.
    pub(crate) async fn doom(&self, why: &DbErr) {
        self.state.lock().await.doubt = Some(why.clone());
    }

    /// Ends the batch. After an error nobody knows whether it stands.
    pub(crate) async fn commit(&self) -> Result<(), DbErr> {
        let mut state = self.state.lock().await;
        state.check()?;
        // With a row behind it: of a driver's thread that died there is no answer, which for a statement without rows looks like a good one.
        let commit = sql("COMMIT; SELECT 1".to_owned());
        if let Some(owed) = state.owed.take() {
            let Some((debtor, began)) = owed.debtor else { return Ok(()) };
            let all = together(owed.statements.into_iter().chain([commit.clone()]).collect());
            let Err(error) = self.connection.query_all_raw(all).await.and_then(|rows| carried_out(&rows)) else { return Ok(()) };
            // Not tried again if it was the commit that failed: what the system could not write it may take for written.
            self.back_to(began).await.map_err(|_| error.clone())?;
            state.failed = Some((debtor, error));
        }
        self.connection.query_all_raw(commit).await.and_then(|rows| carried_out(&rows))
    }

    /// Who could not pay since this was asked last, and why. What they did is undone.
    pub(crate) async fn failure(&self) -> Option<(usize, DbErr)> {
        self.state.lock().await.failed.take()
    }

    /// Finds out who failed. `Err` if nobody can go on.
    async fn blame(&self, state: &mut State, debtor: Option<(usize, &'static str)>, error: DbErr) -> Result<(), DbErr> {
        if self.back_to(state.savepoint).await.is_ok() {
            return Ok(()); // the debt was paid
        }
        let Some((debtor, began)) = debtor else { return Err(error) };
        if self.back_to(began).await.is_err() {
            return Err(error);
        }
        state.savepoint = began;
        state.failed = Some((debtor, error));
        Ok(())
    }

    async fn back_to(&self, savepoint: &str) -> Result<(), DbErr> {
        self.connection.execute_unprepared(&format!("ROLLBACK TO {savepoint}")).await.map(drop)
    }
}

impl State {
    fn check(&self) -> Result<(), DbErr> {
        self.doubt.clone().map_or(Ok(()), Err)
    }
}

fn carried_out(rows: &[QueryResult]) -> Result<(), DbErr> {
    if rows.is_empty() { Err(DbErr::Custom("the database did not answer".to_owned())) } else { Ok(()) }
}

fn sql(text: String) -> Statement {
    Statement::from_string(DbBackend::Sqlite, text)
}
