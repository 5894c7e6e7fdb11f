//! Uploads that are not finished.

use chrono::{DateTime, Utc};
use portreeve_contract::{FileId, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};

pub use crate::entity::upload::Model as Upload;
use crate::{
    Transaction,
    entity::upload::{Column, Entity},
};

/// Begins an upload.
pub async fn insert(transaction: &Transaction, upload: Upload) -> Result<Upload, DbErr> {
    transaction.later(&Entity::insert(upload.clone().into_active_model()).into_query()).await?;
    Ok(upload)
}

/// The upload, if it is the viewer's and not finished.
pub async fn find_visible(db: &impl ConnectionTrait, viewer: UserId, id: FileId) -> Result<Option<Upload>, DbErr> {
    Entity::find_by_id(id).filter(Column::OwnerId.eq(viewer)).one(db).await
}

/// How many a person has under way.
pub async fn count_of(db: &impl ConnectionTrait, owner: UserId) -> Result<u64, DbErr> {
    Entity::find().filter(Column::OwnerId.eq(owner)).count(db).await
}

/// Takes the pen from whoever holds it: what an earlier writer has not saved by now it never will.
pub async fn take_pen(db: &impl ConnectionTrait, viewer: UserId, id: FileId) -> Result<Option<Upload>, DbErr> {
    let taken = Entity::update_many()
        .col_expr(Column::Writer, Expr::col(Column::Writer).add(1))
        .filter(Column::FileId.eq(id))
        .filter(Column::OwnerId.eq(viewer))
        .exec_with_returning(db)
        .await?;
    Ok(taken.into_iter().next())
}

/// What a writer has put on disk since the last time.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Whose pen it is; a later one's makes this void.
    pub writer: i64,
    /// All bytes that are here for good.
    pub received: i64,
    /// SHA-256 of them, half-way.
    pub digest: Vec<u8>,
    /// Given up at this time, unless something more comes.
    pub expires_at: DateTime<Utc>,
}

/// Saves progress; `false` if another writer has taken the pen, or the upload is gone.
pub async fn save(db: &impl ConnectionTrait, id: FileId, progress: Progress) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Received, Expr::value(progress.received))
        .col_expr(Column::Digest, Expr::value(Some(progress.digest)))
        .col_expr(Column::ExpiresAt, Expr::value(progress.expires_at))
        .filter(Column::FileId.eq(id))
        .filter(Column::Writer.eq(progress.writer))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Those that nobody finished in time.
pub async fn find_expired(db: &impl ConnectionTrait, now: DateTime<Utc>, limit: u64) -> Result<Vec<Upload>, DbErr> {
    Entity::find().filter(Column::ExpiresAt.lte(now)).order_by_asc(Column::ExpiresAt).limit(limit).all(db).await
}

/// The upload is given up; `false` if it is over, or something more came.
pub async fn expire(db: &impl ConnectionTrait, id: FileId, now: DateTime<Utc>) -> Result<bool, DbErr> {
    Ok(Entity::delete_many().filter(Column::FileId.eq(id)).filter(Column::ExpiresAt.lte(now)).exec(db).await?.rows_affected == 1)
}

/// The upload is over; `false` if it was already.
pub async fn delete(db: &impl ConnectionTrait, id: FileId) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(id).exec(db).await?.rows_affected == 1)
}
