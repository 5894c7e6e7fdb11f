//! Events that consumers gave up on.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid, sea_query::OnConflict,
};

pub use crate::entity::dead_letter::Model as DeadLetter;
use crate::entity::dead_letter::{Column, Entity};

/// Keeps an event that was given up; one that is kept already is told anew.
pub async fn insert(db: &impl ConnectionTrait, letter: DeadLetter) -> Result<(), DbErr> {
    Entity::insert(letter.into_active_model())
        .on_conflict(
            OnConflict::columns([Column::Consumer, Column::Position])
                .update_columns([Column::Failures, Column::Errors, Column::CreatedAt])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// One.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<DeadLetter>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Whether a consumer gave up on the event at this position.
pub async fn is_kept(db: &impl ConnectionTrait, consumer: &str, position: i64) -> Result<bool, DbErr> {
    Ok(Entity::find().filter(of(Some(consumer)).add(Column::Position.eq(position))).count(db).await? > 0)
}

/// A page of those of `consumer`, or of all, the newest first: those before `before`.
pub async fn page(db: &impl ConnectionTrait, consumer: Option<&str>, before: Option<Uuid>, limit: u64) -> Result<Vec<DeadLetter>, DbErr> {
    Entity::find().filter(of(consumer).add_option(before.map(|id| Column::Id.lt(id)))).order_by_desc(Column::Id).limit(limit).all(db).await
}

/// All of `consumer`, or all there are, by their ids alone, the newest first.
pub async fn ids(db: &impl ConnectionTrait, consumer: Option<&str>) -> Result<Vec<Uuid>, DbErr> {
    Entity::find().select_only().column(Column::Id).filter(of(consumer)).order_by_desc(Column::Id).into_tuple().all(db).await
}

/// Those of these that are still there.
pub async fn find_all(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<DeadLetter>, DbErr> {
    Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(db).await
}

/// How many there are of `consumer`, or in all.
pub async fn count(db: &impl ConnectionTrait, consumer: Option<&str>) -> Result<u64, DbErr> {
    Entity::find().filter(of(consumer)).count(db).await
}

/// Takes one away: redriven, or dropped. `false` if another was faster.
pub async fn delete(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(id).exec(db).await?.rows_affected == 1)
}

fn of(consumer: Option<&str>) -> Condition {
    Condition::all().add_option(consumer.map(|name| Column::Consumer.eq(name)))
}
