//! Who reads the stream, and how far.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, OnConflict},
};

pub use crate::entity::consumer::Model as Consumer;
use crate::entity::consumer::{Column, Entity};

/// Makes a consumer known that begins after `position`; changes nothing if it is known already.
pub async fn register(db: &impl ConnectionTrait, name: &str, position: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    let row = Consumer { name: name.to_owned(), position, handled: 0, created_at: now, updated_at: now };
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::Name).do_nothing().to_owned())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The consumer.
pub async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<Consumer>, DbErr> {
    Entity::find_by_id(name.to_owned()).one(db).await
}

/// The consumer, for this transaction alone until it ends: what is handed out is handed out by one process at a time.
pub async fn lock(db: &impl ConnectionTrait, name: &str) -> Result<Option<Consumer>, DbErr> {
    Entity::find_by_id(name.to_owned()).lock(LockType::Update).one(db).await
}

/// Every consumer, by name.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Consumer>, DbErr> {
    Entity::find().order_by_asc(Column::Name).all(db).await
}

/// Moves a consumer on, or back for a replay.
pub async fn move_to(db: &impl ConnectionTrait, name: &str, position: i64, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Position, Expr::value(position))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Name.eq(name))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Counts events that are done with.
pub async fn add_handled(db: &impl ConnectionTrait, name: &str, count: i64) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Handled, Expr::col(Column::Handled).add(count))
        .filter(Column::Name.eq(name))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets a consumer that is no more.
pub async fn delete(db: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(name.to_owned()).exec(db).await?.rows_affected == 1)
}
