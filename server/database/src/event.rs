//! Events, and their order.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::NotSet,
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};

pub use crate::entity::event::Model as Event;
use crate::{
    Database, Transaction,
    entity::{
        dead_letter, delivery,
        event::{Column, Entity},
    },
    standing::Concern,
};

/// A committed event and its place in the stream. Positions only grow, and nothing ever appears before one that was seen.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Recorded {
    /// From 1 on; gaps mean nothing.
    pub position: i64,
    /// What happened.
    #[sea_orm(nested)]
    pub event: Event,
}

/// Appends an event; its `sequence` is the engine's to give.
pub async fn append(transaction: &Transaction, event: Event) -> Result<(), DbErr> {
    let (concern, r#type) = (Concern::of(&event.r#type, &event.subject), event.r#type.clone());
    let mut row = event.into_active_model();
    row.sequence = NotSet;
    transaction.later(&Entity::insert(row).into_query()).await?;
    transaction.tell_when_committed(r#type);
    if let Some(concern) = concern {
        transaction.forget_when_committed(concern);
    }
    Ok(())
}

/// The events that tell of one thing, oldest first.
pub async fn find_of_subject(db: &impl ConnectionTrait, subject: &str) -> Result<Vec<Event>, DbErr> {
    Entity::find().filter(Column::Subject.eq(subject)).order_by_asc(Column::Sequence).all(db).await
}

/// Gives committed events their positions, up to `limit` of them; says how many. There is nothing to do on SQLite, whose one writer gives the
/// sequence in order of commit.
///
/// One transaction at a time does this: another one that tries meanwhile finds nothing to do.
pub async fn give_positions(database: &Database, limit: u32) -> Result<u64, DbErr> {
    if database.reader().get_database_backend() != DbBackend::Postgres {
        return Ok(0);
    }
    let statement = give_positions_statement(limit);
    Ok(database.write(async move |transaction| transaction.execute_unprepared(&statement).await).await?.rows_affected())
}

/// The statement of [`give_positions`], which is PostgreSQL's.
pub fn give_positions_statement(limit: u32) -> String {
    // Of two events of one key the later transaction waited for the earlier one's row, so its sequence is the higher one: sorting by it within
    // one batch, and committed before committed over batches, keeps the order of each key.
    //
    // The last condition is read again once the row is locked. What the statement saw may be older than its lock: an event that the lock's last holder
    // gave a position a moment ago still waits in that view, and without the condition it would get a second one, and be handled twice.
    format!(
        "WITH mine AS MATERIALIZED (SELECT pg_try_advisory_xact_lock({SEQUENCER}) AS locked), \
         waiting AS MATERIALIZED (SELECT sequence FROM events WHERE position IS NULL AND (SELECT locked FROM mine) ORDER BY sequence LIMIT {limit}), \
         numbered AS MATERIALIZED (SELECT sequence, nextval('events_position_seq') AS position FROM waiting ORDER BY sequence) \
         UPDATE events SET position = numbered.position FROM numbered WHERE events.sequence = numbered.sequence AND events.position IS NULL"
    )
}

/// The advisory lock of whoever gives positions: “events” in ASCII.
const SEQUENCER: i64 = 0x6576_656e_7473;

/// The events after `position`, in order.
pub async fn after(db: &impl ConnectionTrait, position: i64, limit: u64) -> Result<Vec<Recorded>, DbErr> {
    select_after(db, position, limit).into_model::<Recorded>().all(db).await
}

/// The query of [`after`], for whoever wants to see its plan.
pub fn select_after(db: &impl ConnectionTrait, position: i64, limit: u64) -> Select<Entity> {
    let column = position_column(db);
    Entity::find().expr_as(column.clone(), "position").filter(column.clone().gt(position)).order_by_asc(column).limit(limit)
}

/// What the events after `position` are called, in order.
pub async fn types_after(db: &impl ConnectionTrait, position: i64, limit: u64) -> Result<Vec<(i64, String)>, DbErr> {
    select_types_after(db, position, limit).into_tuple().all(db).await
}

/// The query of [`types_after`].
pub fn select_types_after(db: &impl ConnectionTrait, position: i64, limit: u64) -> Select<Entity> {
    let column = position_column(db);
    let types = Entity::find().select_only().expr_as(column.clone(), "position").column(Column::Type);
    types.filter(column.clone().gt(position)).order_by_asc(column).limit(limit)
}

/// What the events after `position` are called and tell of, in order.
pub async fn subjects_after(db: &impl ConnectionTrait, position: i64, limit: u64) -> Result<Vec<(i64, String, String)>, DbErr> {
    let column = position_column(db);
    Entity::find()
        .select_only()
        .expr_as(column.clone(), "position")
        .columns([Column::Type, Column::Subject])
        .filter(column.clone().gt(position))
        .order_by_asc(column)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// The events at these positions, in order.
pub async fn find_at(db: &impl ConnectionTrait, positions: &[i64]) -> Result<Vec<Recorded>, DbErr> {
    if positions.is_empty() {
        return Ok(Vec::new());
    }
    let column = position_column(db);
    Entity::find()
        .expr_as(column.clone(), "position")
        .filter(column.clone().is_in(positions.iter().copied()))
        .order_by_asc(column)
        .into_model::<Recorded>()
        .all(db)
        .await
}

/// The position of the last event, or 0.
pub async fn last_position(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let found = select_last(db).into_tuple::<Option<i64>>().one(db).await?;
    Ok(found.flatten().unwrap_or_default())
}

/// The query of [`last_position`].
pub fn select_last(db: &impl ConnectionTrait) -> Select<Entity> {
    Entity::find().select_only().expr_as(position_column(db).max(), "position")
}

/// The first event that is kept.
pub async fn first(db: &impl ConnectionTrait) -> Result<Option<Recorded>, DbErr> {
    Ok(after(db, 0, 1).await?.pop())
}

/// The position before the first event that happened at `time` or later; that of the last event if there is none.
pub async fn position_before(db: &impl ConnectionTrait, time: DateTime<Utc>) -> Result<i64, DbErr> {
    let column = position_column(db);
    let found = Entity::find()
        .select_only()
        .expr_as(column.min(), "position")
        .filter(Column::Time.gte(time))
        .into_tuple::<Option<i64>>()
        .one(db)
        .await?;
    match found.flatten() {
        Some(position) => Ok(position - 1),
        None => last_position(db).await,
    }
}

/// Forgets events up to `position` that are older than `before` or not after `surplus`, and that nobody is owed any more; says how many.
pub async fn delete_old(db: &impl ConnectionTrait, position: i64, before: DateTime<Utc>, surplus: i64) -> Result<u64, DbErr> {
    let column = position_column(db);
    let owed_delivery = Query::select().column(delivery::Column::Position).from(delivery::Entity).take();
    let owed_dead_letter = Query::select().column(dead_letter::Column::Position).from(dead_letter::Entity).take();
    let done = Entity::delete_many()
        .filter(column.clone().lte(position))
        .filter(Condition::any().add(Column::Time.lt(before)).add(column.clone().lte(surplus)))
        .filter(column.clone().not_in_subquery(owed_delivery))
        .filter(column.not_in_subquery(owed_dead_letter))
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

pub(crate) fn position_column(db: &impl ConnectionTrait) -> SimpleExpr {
    match db.get_database_backend() {
        DbBackend::Postgres => Expr::col((Entity, "position")),
        _ => Expr::col((Entity, Column::Sequence)),
    }
}
