//! Single-use links.

use chrono::{DateTime, Utc};
use portreeve_contract::UserId;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::link::{Column, Entity};
pub use crate::entity::link::{Model as Link, Purpose};

/// Makes a link.
pub async fn insert(db: &impl ConnectionTrait, link: Link) -> Result<Link, DbErr> {
    link.into_active_model().insert(db).await
}

/// The link, if it still works at `now`.
pub async fn find(db: &impl ConnectionTrait, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<Link>, DbErr> {
    Entity::find_by_id(token_hash.to_vec()).filter(Column::ExpiresAt.gt(now)).one(db).await
}

/// Uses the link up: of any number of callers exactly one gets `true`.
pub async fn consume(db: &impl ConnectionTrait, token_hash: &[u8]) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(token_hash.to_vec()).exec(db).await?.rows_affected == 1)
}

/// Makes a person's other links for the same purpose useless.
pub async fn delete_of_user(db: &impl ConnectionTrait, user: UserId, purpose: Purpose) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::UserId.eq(user)).filter(Column::Purpose.eq(purpose)).exec(db).await.map(drop)
}

/// Makes every link for a purpose useless.
pub async fn delete_of_purpose(db: &impl ConnectionTrait, purpose: Purpose) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::Purpose.eq(purpose)).exec(db).await.map(drop)
}

/// Forgets links that expired before `before`; says how many.
pub async fn delete_expired(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lt(before)).exec(db).await?.rows_affected)
}
