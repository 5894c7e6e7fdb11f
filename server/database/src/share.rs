//! Links that open a file without an account.

use chrono::{DateTime, Utc};
use portreeve_contract::{FileId, ShareId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

pub use crate::entity::share::Model as Share;
use crate::{
    entity::share::{Column, Entity},
    page::{self, Direction, Key, Page},
};

/// Makes one.
pub async fn insert(db: &impl ConnectionTrait, share: Share) -> Result<Share, DbErr> {
    share.into_active_model().insert(db).await
}

/// Those of a file, the newest first.
pub async fn find_of(db: &impl ConnectionTrait, file: FileId, limit: u64) -> Result<Vec<Share>, DbErr> {
    Entity::find().filter(Column::FileId.eq(file)).order_by_desc(Column::Id).limit(limit).all(db).await
}

/// One page of them.
pub async fn page(db: &impl ConnectionTrait, file: FileId, from: Option<(Direction, Key)>, limit: u64) -> Result<Page<Share>, DbErr> {
    let matching = Entity::find().filter(Column::FileId.eq(file));
    page::page(db, matching, (Column::CreatedAt, Column::Id), Order::Desc, from, limit).await
}

/// How many of a file still open it.
pub async fn count_open(db: &impl ConnectionTrait, file: FileId, now: DateTime<Utc>) -> Result<u64, DbErr> {
    Entity::find().filter(Column::FileId.eq(file)).filter(open(now)).count(db).await
}

/// The one that this link opens, if it still opens anything.
pub async fn find_open(db: &impl ConnectionTrait, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<Share>, DbErr> {
    Entity::find().filter(Column::TokenHash.eq(token_hash)).filter(open(now)).one(db).await
}

/// The one with this id, whether or not it still opens anything.
pub async fn find(db: &impl ConnectionTrait, id: ShareId) -> Result<Option<Share>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Whether it was revoked, or its time is over. One whose downloads are used up still serves the last of them.
pub fn is_over(share: &Share, now: DateTime<Utc>) -> bool {
    share.revoked_at.is_some() || share.expires_at.is_some_and(|at| at <= now)
}

/// Counts a download; `false` if there is none left, or the link has ended meanwhile.
pub async fn count_download(db: &impl ConnectionTrait, id: ShareId, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Downloads, Expr::col(Column::Downloads).add(1))
        .filter(Column::Id.eq(id))
        .filter(open(now))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ends one of a file; `false` if it has ended or is another's.
pub async fn revoke(db: &impl ConnectionTrait, file: FileId, id: ShareId, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(Some(now)))
        .filter(Column::Id.eq(id))
        .filter(Column::FileId.eq(file))
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

fn open(now: DateTime<Utc>) -> Condition {
    let left = Expr::col(Column::Downloads).lt(Expr::col(Column::MaxDownloads));
    Condition::all()
        .add(Column::RevokedAt.is_null())
        .add(Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(now)))
        .add(Condition::any().add(Column::MaxDownloads.is_null()).add(left))
}
