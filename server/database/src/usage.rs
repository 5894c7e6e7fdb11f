//! How much of their share people use.

use portreeve_contract::UserId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};

pub use crate::entity::usage::Model as Usage;
use crate::{
    entity::usage::{Column, Entity},
    transaction::met,
};

/// What a person uses.
pub async fn find(db: &impl ConnectionTrait, user: UserId) -> Result<Usage, DbErr> {
    Ok(Entity::find_by_id(user).one(db).await?.unwrap_or(Usage { user_id: user, files: 0, bytes: 0 }))
}

/// Takes room for one more file of `bytes`, unless that would be beyond `max_files` or `max_bytes`; `false` if so.
pub async fn reserve(db: &impl ConnectionTrait, user: UserId, bytes: i64, limits: (i64, i64)) -> Result<bool, DbErr> {
    if take(db, user, bytes, limits).await? {
        return Ok(true);
    }
    // There is no room, or it is their first file.
    let nothing = Usage { user_id: user, files: 0, bytes: 0 };
    Entity::insert(nothing.into_active_model())
        .on_conflict(OnConflict::column(Column::UserId).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    take(db, user, bytes, limits).await
}

async fn take(db: &impl ConnectionTrait, user: UserId, bytes: i64, (max_files, max_bytes): (i64, i64)) -> Result<bool, DbErr> {
    let mut taken = Entity::update_many()
        .col_expr(Column::Files, Expr::col(Column::Files).add(1))
        .col_expr(Column::Bytes, Expr::col(Column::Bytes).add(bytes))
        .filter(Column::UserId.eq(user))
        .filter(Column::Files.lt(max_files))
        .filter(Column::Bytes.lte(max_bytes - bytes))
        .into_query();
    met(db, taken.returning_col(Column::UserId)).await
}

/// Gives the room of one file back.
pub async fn free(db: &impl ConnectionTrait, user: UserId, bytes: i64) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Files, Expr::col(Column::Files).sub(1))
        .col_expr(Column::Bytes, Expr::col(Column::Bytes).sub(bytes))
        .filter(Column::UserId.eq(user))
        .exec(db)
        .await
        .map(drop)
}
