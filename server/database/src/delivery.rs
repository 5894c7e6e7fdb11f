//! Events on their way to consumers.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    prelude::{Json, Uuid},
    sea_query::{Expr, ExprTrait, OnConflict, Query, SimpleExpr},
};

pub use crate::entity::delivery::Model as Delivery;
use crate::{
    entity::{
        self,
        delivery::{Column, Entity},
    },
    event,
    transaction::met,
};

/// Hands events to a consumer; those that it has already are left as they are.
pub async fn insert(db: &impl ConnectionTrait, deliveries: Vec<Delivery>) -> Result<(), DbErr> {
    if deliveries.is_empty() {
        return Ok(());
    }
    Entity::insert_many(deliveries.into_iter().map(IntoActiveModel::into_active_model))
        .on_conflict(OnConflict::columns([Column::Consumer, Column::Position]).do_nothing().to_owned())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Takes up to `limit` events for `holder` until `until`: those that are due, that nobody holds, and before which no other of their key waits, nor is
/// one behind them at work, which was replayed or sent again.
///
/// They are given as they were before, with whoever held them until a while ago. The caller holds the consumer's lock, so no two ask at once.
pub async fn claim(
    db: &impl ConnectionTrait,
    consumer: &str,
    (holder, until): (Uuid, DateTime<Utc>),
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Delivery>, DbErr> {
    let found = select_claimable(consumer, now, limit).all(db).await?;
    if found.is_empty() {
        return Ok(found);
    }
    Entity::update_many()
        .col_expr(Column::Holder, Expr::value(Some(holder)))
        .col_expr(Column::HeldUntil, Expr::value(Some(until)))
        .filter(Column::Consumer.eq(consumer))
        .filter(Column::Position.is_in(found.iter().map(|delivery| delivery.position)))
        .exec(db)
        .await?;
    Ok(found)
}

/// The query by which [`claim`] finds what it takes.
pub fn select_claimable(consumer: &str, now: DateTime<Utc>, limit: u64) -> Select<Entity> {
    Entity::find()
        .filter(Column::Consumer.eq(consumer))
        .filter(Column::DueAt.lte(now))
        .filter(free(now))
        .filter(other_of_its_key(now).not())
        .order_by_asc(Column::Position)
        .limit(limit)
}

fn free(now: DateTime<Utc>) -> Condition {
    Condition::any().add(Column::HeldUntil.is_null()).add(Column::HeldUntil.lte(now))
}

/// One that comes before, or that is in somebody's hands.
fn other_of_its_key(now: DateTime<Utc>) -> SimpleExpr {
    let column = |column: Column| Expr::col((OTHER, column));
    let same = |of: Column| column(of).eq(Expr::col((Entity, of)));
    Expr::exists(
        Query::select()
            .expr(Expr::val(1))
            .from_as(Entity, OTHER)
            .and_where(same(Column::Consumer))
            .and_where(same(Column::Key))
            .and_where(column(Column::Position).ne(Expr::col((Entity, Column::Position))))
            .and_where(column(Column::Position).lt(Expr::col((Entity, Column::Position))).or(column(Column::HeldUntil).gt(now)))
            .take(),
    )
}

const OTHER: &str = "other";

/// Whether an event of a consumer is due that nobody holds. Cheap however many are: the first is enough.
pub async fn is_due(db: &impl ConnectionTrait, consumer: &str, now: DateTime<Utc>) -> Result<bool, DbErr> {
    Ok(select_due(consumer, now).into_tuple::<i64>().one(db).await?.is_some())
}

/// The query by which [`is_due`] finds one.
pub fn select_due(consumer: &str, now: DateTime<Utc>) -> Select<Entity> {
    let due = Entity::find().select_only().column(Column::Position).filter(Column::Consumer.eq(consumer));
    due.filter(Column::DueAt.lte(now)).filter(free(now)).order_by_asc(Column::Position).limit(1)
}

/// When the next event of a consumer is due or given up by its holder, if one waits for that. Looks at all that wait for it.
pub async fn next_due(db: &impl ConnectionTrait, consumer: &str) -> Result<Option<DateTime<Utc>>, DbErr> {
    #[derive(FromQueryResult)]
    struct Next {
        due: Option<DateTime<Utc>>,
        held: Option<DateTime<Utc>>,
    }
    let next = select_next_due(consumer).into_model::<Next>().one(db).await?;
    Ok(next.and_then(|next| next.due.into_iter().chain(next.held).min()))
}

/// The query of [`next_due`].
pub fn select_next_due(consumer: &str) -> Select<Entity> {
    Entity::find()
        .select_only()
        .expr_as(Expr::expr(Expr::case(Column::HeldUntil.is_null(), Expr::col(Column::DueAt))).min(), "due")
        .expr_as(Expr::col(Column::HeldUntil).min(), "held")
        .filter(Column::Consumer.eq(consumer))
}

/// Holds on to what one holds; says how many are still one's own.
pub async fn hold(
    db: &impl ConnectionTrait,
    consumer: &str,
    positions: &[i64],
    (holder, until): (Uuid, DateTime<Utc>),
) -> Result<u64, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::HeldUntil, Expr::value(Some(until)))
        .filter(mine(consumer, positions, holder))
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// The event is done with. `false` if it is no longer `holder`'s: then whatever was done in this transaction must not be kept.
pub async fn complete(db: &impl ConnectionTrait, consumer: &str, position: i64, holder: Uuid) -> Result<bool, DbErr> {
    let mut done = Entity::delete_many().filter(mine(consumer, &[position], holder)).into_query();
    met(db, done.returning_col(Column::Position)).await
}

/// Handling failed; again at `due_at`. `false` if it is no longer `holder`'s.
pub async fn fail(
    db: &impl ConnectionTrait,
    consumer: &str,
    position: i64,
    holder: Uuid,
    (due_at, errors): (DateTime<Utc>, Json),
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Failures, Expr::col(Column::Failures).add(1))
        .col_expr(Column::DueAt, Expr::value(due_at))
        .col_expr(Column::Errors, Expr::value(errors))
        .col_expr(Column::Holder, Expr::value(None::<Uuid>))
        .col_expr(Column::HeldUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(mine(consumer, &[position], holder))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Hands back what one holds, at once and without a failure: the holder is shutting down.
pub async fn release(db: &impl ConnectionTrait, consumer: &str, holder: Uuid) -> Result<u64, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Holder, Expr::value(None::<Uuid>))
        .col_expr(Column::HeldUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Consumer.eq(consumer))
        .filter(Column::Holder.eq(holder))
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// Whether an event of this key goes before the one at this position: that or an earlier one waits, or any is in somebody's hands.
pub async fn goes_first(
    db: &impl ConnectionTrait,
    consumer: &str,
    (key, position): (&str, i64),
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    Ok(select_going_first(consumer, (key, position), now).into_tuple::<i64>().one(db).await?.is_some())
}

/// The query by which [`goes_first`] finds one.
pub fn select_going_first(consumer: &str, (key, position): (&str, i64), now: DateTime<Utc>) -> Select<Entity> {
    let goes_first = Condition::any().add(Column::Position.lte(position)).add(Column::HeldUntil.gt(now));
    Entity::find().select_only().column(Column::Position).filter(mine_of_key(consumer, key)).filter(goes_first).limit(1)
}

/// Lets go of what one holds, to be looked at again at `due_at`.
pub async fn put_off(
    db: &impl ConnectionTrait,
    consumer: &str,
    positions: &[i64],
    (holder, due_at): (Uuid, DateTime<Utc>),
) -> Result<(), DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(due_at))
        .col_expr(Column::Holder, Expr::value(None::<Uuid>))
        .col_expr(Column::HeldUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(mine(consumer, positions, holder))
        .exec(db);
    done.await.map(drop)
}

/// Hands every event after one position up to another to a consumer, whatever it wants; those that it has already are left as they are.
pub async fn insert_range(db: &impl ConnectionTrait, consumer: &str, (after, up_to): (i64, i64), now: DateTime<Utc>) -> Result<(), DbErr> {
    let position = event::position_column(db);
    let events = Query::select()
        .expr(Expr::value(consumer))
        .expr(position.clone())
        .column(entity::event::Column::Subject)
        .expr(Expr::value(0))
        .expr(Expr::value(now))
        .expr(Expr::value(Json::Array(Vec::new())))
        .from(entity::event::Entity)
        .and_where(position.clone().gt(after))
        .and_where(position.lte(up_to))
        .take();
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns([Column::Consumer, Column::Position, Column::Key, Column::Failures, Column::DueAt, Column::Errors])
        .select_from(events)
        .map_err(|error| DbErr::Custom(error.to_string()))?
        .on_conflict(OnConflict::columns([Column::Consumer, Column::Position]).do_nothing().to_owned());
    db.execute(&insert).await.map(drop)
}

/// How many wait for a consumer or are in its hands, and how many of them failed before.
pub async fn count(db: &impl ConnectionTrait, consumer: &str) -> Result<(u64, u64), DbErr> {
    let all = Entity::find().filter(Column::Consumer.eq(consumer));
    let failed = all.clone().filter(Column::Failures.gt(0)).count(db).await?;
    Ok((all.count(db).await?, failed))
}

fn mine_of_key(consumer: &str, key: &str) -> Condition {
    Condition::all().add(Column::Consumer.eq(consumer)).add(Column::Key.eq(key))
}

fn mine(consumer: &str, positions: &[i64], holder: Uuid) -> Condition {
    Condition::all()
        .add(Column::Consumer.eq(consumer))
        .add(Column::Position.is_in(positions.iter().copied()))
        .add(Column::Holder.eq(holder))
}
