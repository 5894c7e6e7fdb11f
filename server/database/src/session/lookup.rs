//! The session and its user, which every authorized request asks for.
//!
//! A trip to SQLite's thread and back costs more than the query itself. So requests that wait at the same time share one: while a query runs,
//! the next ones gather. None gets what was read before it asked.

use std::{collections::HashMap, panic::AssertUnwindSafe};

use chrono::{DateTime, Utc};
use futures::FutureExt;
use portreeve_contract::{SessionId, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, Statement, Value,
};
use tokio::sync::{mpsc, oneshot};

use super::{Column, Entity};
use crate::{Database, entity::user, user::Person};

/// Sessions in one query; more wait for the next.
const BATCH: usize = 64;
/// Requests that may wait before more of them do so outside.
const QUEUE: usize = 1024;

/// What an authorized request has to know of its session and its user. Not the whole rows: every column costs, and this is read for each request.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Standing {
    /// The session.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// Counts rotations of its refresh token.
    pub generation: i64,
    /// The end of its absolute lifetime.
    pub expires_at: DateTime<Utc>,
    /// When it was ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Its user.
    #[sea_orm(nested)]
    pub person: Person,
}

type Found = Option<Standing>;
type Asked = (SessionId, oneshot::Sender<Result<Found, DbErr>>);

/// Finds sessions with their users.
#[derive(Clone, Debug)]
pub struct Lookup(mpsc::Sender<Asked>);

impl Lookup {
    /// Starts the task that asks; it ends with the last clone of this.
    pub fn start(database: &Database) -> Self {
        let (queue, asked) = mpsc::channel(QUEUE);
        tokio::spawn(run(database.clone(), asked));
        Self(queue)
    }

    /// The session, ended or not, with its user, as they are now.
    pub async fn find(&self, id: SessionId) -> Result<Found, DbErr> {
        let (reply, answer) = oneshot::channel();
        let gone = || DbErr::Custom("sessions are not looked up any more".to_owned());
        self.0.send((id, reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

async fn run(database: Database, mut asked: mpsc::Receiver<Asked>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut queries = Queries::new(&database);
    while asked.recv_many(&mut batch, BATCH).await > 0 {
        let query = queries.of(batch.iter().map(|(id, _)| *id));
        let found = AssertUnwindSafe(find(&database, query)).catch_unwind().await;
        let found = found.unwrap_or_else(|_| Err(DbErr::Custom("looking sessions up panicked".to_owned())));
        for (id, reply) in batch.drain(..) {
            // Whoever went away does not mind. Two requests of one session may have asked: both get it.
            let _ = reply.send(found.as_ref().map(|found| found.get(&id).cloned()).map_err(Clone::clone));
        }
    }
}

async fn find(database: &Database, query: Statement) -> Result<HashMap<SessionId, Standing>, DbErr> {
    let rows = Standing::find_by_statement(query).all(database.reader()).await?;
    Ok(rows.into_iter().map(|standing| (standing.id, standing)).collect())
}

/// The query for each number of sessions, put together once: that takes as many instructions as the rest of asking it.
struct Queries {
    backend: DbBackend,
    by_number: HashMap<usize, Statement>,
}

impl Queries {
    fn new(database: &Database) -> Self {
        Self { backend: database.reader().get_database_backend(), by_number: HashMap::new() }
    }

    fn of(&mut self, ids: impl ExactSizeIterator<Item = SessionId> + Clone) -> Statement {
        // A power of two of them: a handful of statements, which stay prepared.
        let padded = ids.len().next_power_of_two();
        let ids = ids.cycle().take(padded);
        let query = self.by_number.entry(padded).or_insert_with(|| select(ids.clone()).build(self.backend));
        // Its only values.
        Statement::from_sql_and_values(self.backend, &query.sql, ids.map(Value::from))
    }
}

fn select(ids: impl Iterator<Item = SessionId>) -> sea_orm::Select<Entity> {
    Entity::find()
        .select_only()
        .columns([Column::Id, Column::UserId, Column::Generation, Column::ExpiresAt, Column::EndedAt])
        .columns(Person::COLUMNS)
        .join(sea_orm::JoinType::InnerJoin, Entity::belongs_to(user::Entity).from(Column::UserId).to(user::Column::Id).into())
        .filter(Column::Id.is_in(ids))
}
