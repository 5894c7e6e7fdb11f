//! Files.

mod page;
mod progress;

use chrono::{DateTime, Utc};
use portreeve_contract::{FileId, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};

pub use self::{
    page::{Sort, page},
    progress::{Accepted, accept, begin_storing, fail, store},
};
pub use crate::entity::file::{Model as File, Status};
use crate::{
    Transaction,
    entity::file::{Column, Entity},
};

/// Makes a file.
pub async fn insert(transaction: &Transaction, file: File) -> Result<File, DbErr> {
    transaction.later(&Entity::insert(file.clone().into_active_model()).into_query()).await?;
    Ok(file)
}

/// The file, whosever it is.
pub async fn find(db: &impl ConnectionTrait, id: FileId) -> Result<Option<File>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The file, if it is the viewer's. `None` says nothing about whether it exists.
pub async fn find_visible(db: &impl ConnectionTrait, viewer: UserId, id: FileId) -> Result<Option<File>, DbErr> {
    Entity::find_by_id(id).filter(Column::OwnerId.eq(viewer)).one(db).await
}

/// The viewer's file, held against changes by others until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, viewer: UserId, id: FileId) -> Result<Option<File>, DbErr> {
    Entity::find_by_id(id).filter(Column::OwnerId.eq(viewer)).lock_exclusive().one(db).await
}

/// Of these files, those that are not here whole.
pub async fn find_receiving(db: &impl ConnectionTrait, ids: &[FileId]) -> Result<Vec<FileId>, DbErr> {
    let found = Entity::find().select_only().column(Column::Id).filter(Column::Id.is_in(ids.iter().copied()));
    found.filter(Column::Status.eq(Status::Receiving)).into_tuple().all(db).await
}

/// Writes back what its owner can change.
pub async fn update(db: &impl ConnectionTrait, file: File) -> Result<File, DbErr> {
    file.into_active_model().reset_all().update(db).await
}

/// Files to be erased by `now`.
pub async fn find_to_erase(db: &impl ConnectionTrait, now: DateTime<Utc>, limit: u64) -> Result<Vec<File>, DbErr> {
    Entity::find().filter(Column::EraseAt.lte(now)).order_by_asc(Column::EraseAt).limit(limit).all(db).await
}

/// Lets all files of an account be erased, before it is.
pub async fn erase_all_of(db: &impl ConnectionTrait, owner: UserId, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let done = Entity::update_many().col_expr(Column::EraseAt, Expr::value(Some(now))).filter(Column::OwnerId.eq(owner)).exec(db).await?;
    Ok(done.rows_affected)
}

/// Forgets a file with its upload, segments and shares; `false` if another was faster.
pub async fn delete(db: &impl ConnectionTrait, id: FileId) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(id).exec(db).await?.rows_affected == 1)
}
