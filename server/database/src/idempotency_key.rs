//! Answers that were given already (draft-ietf-httpapi-idempotency-key-header).

use chrono::{DateTime, Utc};
use portreeve_contract::UserId;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

pub use crate::entity::idempotency_key::Model as IdempotencyKey;
use crate::entity::idempotency_key::{Column, Entity};

/// Keeps an answer; a unique violation if the key was used meanwhile.
pub async fn insert(db: &impl ConnectionTrait, key: IdempotencyKey) -> Result<(), DbErr> {
    key.into_active_model().insert(db).await.map(drop)
}

/// What was answered to this person's request under this key.
pub async fn find(db: &impl ConnectionTrait, user: UserId, key: &str) -> Result<Option<IdempotencyKey>, DbErr> {
    Entity::find_by_id((user, key.to_owned())).one(db).await
}

/// Forgets answers given before `before`.
pub async fn delete_old(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::CreatedAt.lt(before)).exec(db).await?.rows_affected)
}
