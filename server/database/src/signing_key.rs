//! Signing keys.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait},
};

pub use crate::entity::signing_key::Model as SigningKey;
use crate::entity::signing_key::{Column, Entity};

/// Keeps a new key.
pub async fn insert(db: &impl ConnectionTrait, key: SigningKey) -> Result<SigningKey, DbErr> {
    key.into_active_model().insert(db).await
}

/// Every key that is still published at `now`, in the order in which they sign.
pub async fn find_published(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<SigningKey>, DbErr> {
    Entity::find()
        .filter(Column::RetiresAt.is_null().or(Column::RetiresAt.gt(now)))
        .order_by_asc(Column::SignsFrom)
        .order_by_asc(Column::CreatedAt)
        .all(db)
        .await
}

/// Sets when the keys that sign before `kid` does are published no longer.
pub async fn retire_before(
    db: &impl ConnectionTrait,
    kid: &str,
    signs_from: DateTime<Utc>,
    retires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::RetiresAt, Expr::value(Some(retires_at)))
        .filter(Column::Kid.ne(kid))
        .filter(Column::SignsFrom.lte(signs_from))
        .filter(Column::RetiresAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// Forgets keys that were retired before `before`.
pub async fn delete_retired(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::RetiresAt.lt(before)).exec(db).await?.rows_affected)
}
