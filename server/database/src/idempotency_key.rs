//! Answers that were given already, and who is about to give one (draft-ietf-httpapi-idempotency-key-header).

use chrono::{DateTime, Utc};
use portreeve_contract::UserId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait, UpdateMany,
    prelude::Uuid,
    sea_query::{Expr, OnConflict},
};

pub use crate::entity::idempotency_key::Model as IdempotencyKey;
use crate::{
    entity::idempotency_key::{Column, Entity},
    transaction::met,
};

/// Keeps an answer, or for whom one waits; `false` if the key is in use. One whose holder was not heard of after `lost` is not.
pub async fn insert(db: &impl ConnectionTrait, key: IdempotencyKey, lost: DateTime<Utc>) -> Result<bool, DbErr> {
    let taken_over = OnConflict::columns([Column::UserId, Column::Key])
        .update_columns([Column::Fingerprint, Column::Answer, Column::CreatedAt, Column::Holder])
        .action_and_where(Column::Holder.is_not_null())
        .action_and_where(Column::CreatedAt.lte(lost))
        .to_owned();
    let mut insert = Entity::insert(key.into_active_model()).on_conflict(taken_over).into_query();
    met(db, insert.returning_col(Column::UserId)).await
}

/// What was answered to this person's request under this key, or that it is under way.
pub async fn find(db: &impl ConnectionTrait, user: UserId, key: &str) -> Result<Option<IdempotencyKey>, DbErr> {
    Entity::find_by_id((user, key.to_owned())).one(db).await
}

/// Keeps the answer of its holder; `false` if that is somebody else by now.
pub async fn answer(db: &impl ConnectionTrait, holder: Uuid, answered: IdempotencyKey) -> Result<bool, DbErr> {
    let IdempotencyKey { user_id, key, fingerprint, answer, created_at, holder: next } = answered;
    let held = held(user_id, &key, holder)
        .col_expr(Column::Fingerprint, Expr::value(fingerprint))
        .col_expr(Column::Answer, Expr::value(answer))
        .col_expr(Column::CreatedAt, Expr::value(created_at))
        .col_expr(Column::Holder, Expr::value(next));
    Ok(held.exec(db).await?.rows_affected == 1)
}

/// The holder was heard of; `false` if that is somebody else by now.
pub async fn renew(db: &impl ConnectionTrait, user: UserId, key: &str, holder: Uuid, now: DateTime<Utc>) -> Result<bool, DbErr> {
    Ok(held(user, key, holder).col_expr(Column::CreatedAt, Expr::value(now)).exec(db).await?.rows_affected == 1)
}

/// Frees a key that its holder gives up. One that is answered, or somebody else's by now, stays.
pub async fn release(db: &impl ConnectionTrait, user: UserId, key: &str, holder: Uuid) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .filter(Column::Key.eq(key))
        .filter(Column::Holder.eq(holder))
        .exec(db)
        .await
        .map(drop)
}

/// Frees what anybody holds.
pub async fn release_all(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::Holder.is_not_null()).exec(db).await.map(drop)
}

/// Forgets answers given before `before`.
pub async fn delete_old(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::CreatedAt.lt(before)).exec(db).await?.rows_affected)
}

fn held(user: UserId, key: &str, holder: Uuid) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::UserId.eq(user)).filter(Column::Key.eq(key)).filter(Column::Holder.eq(holder))
}
