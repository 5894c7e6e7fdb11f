//! Keys for machines.

use chrono::{DateTime, Utc};
use portreeve_contract::{ApiKeyId, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

pub use crate::entity::api_key::Model as ApiKey;
use crate::{
    entity::{
        api_key::{Column, Entity},
        user,
    },
    user::Person,
};

/// What an authorized request has to know of its key and its user.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Standing {
    /// The key.
    pub id: ApiKeyId,
    /// Whose.
    pub user_id: UserId,
    /// As in [`ApiKey::scopes`].
    pub scopes: String,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to within a minute; of one that is remembered, when it was last used before it was read.
    pub last_used_at: Option<DateTime<Utc>>,
    /// As in [`ApiKey::plan`].
    pub plan: Option<String>,
    /// Its user.
    #[sea_orm(nested)]
    pub person: Person,
}

/// Makes a key.
pub async fn insert(db: &impl ConnectionTrait, key: ApiKey) -> Result<ApiKey, DbErr> {
    key.into_active_model().insert(db).await
}

/// The key with that hash, expired or not, and its user; for the many that ask, see [`crate::Standings`].
pub async fn find_standing(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<Standing>, DbErr> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::UserId, Column::Scopes, Column::ExpiresAt, Column::LastUsedAt, Column::Plan])
        .columns(Person::COLUMNS)
        .join(JoinType::InnerJoin, Entity::belongs_to(user::Entity).from(Column::UserId).to(user::Column::Id).into())
        .filter(Column::KeyHash.eq(hash))
        .into_model::<Standing>()
        // Not `one`: SQLite prepares a statement anew at each run if its LIMIT is a parameter, as SeaORM makes it.
        .all(db)
        .await?;
    Ok(found.into_iter().next())
}

/// The key, expired or not.
pub async fn find(db: &impl ConnectionTrait, id: ApiKeyId) -> Result<Option<ApiKey>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// A person's keys, the newest first.
pub async fn find_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<ApiKey>, DbErr> {
    Entity::find().filter(Column::UserId.eq(user)).order_by_desc(Column::Id).all(db).await
}

/// How many a person has.
pub async fn count_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<u64, DbErr> {
    Entity::find().filter(Column::UserId.eq(user)).count(db).await
}

/// Takes one of a person's keys away; `false` if they have no such key.
pub async fn delete(db: &impl ConnectionTrait, user: UserId, id: ApiKeyId) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(id).filter(Column::UserId.eq(user)).exec(db).await?.rows_affected == 1)
}

/// Takes all of a person's keys away.
pub async fn delete_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::UserId.eq(user)).exec(db).await.map(drop)
}

/// Gives a key a plan, or none of its own, if it is still at the version that was seen; `false` if not, or if there is none.
pub async fn set_plan(db: &impl ConnectionTrait, id: ApiKeyId, seen: Option<i64>, plan: Option<String>) -> Result<bool, DbErr> {
    let seen = seen.map(|version| Column::Version.eq(version));
    let done = Entity::update_many()
        .col_expr(Column::Plan, Expr::value(plan))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id))
        .filter(Condition::all().add_option(seen))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes down that a key was used.
pub async fn used(db: &impl ConnectionTrait, id: ApiKeyId, at: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::update_many().col_expr(Column::LastUsedAt, Expr::value(at)).filter(Column::Id.eq(id)).exec(db).await.map(drop)
}
