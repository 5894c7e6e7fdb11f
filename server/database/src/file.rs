//! Files.

mod page;
mod progress;

use chrono::{DateTime, Utc};
use portreeve_contract::{FileId, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::Expr,
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
    Entity::find_by_id(id).filter(Column::OwnerId.eq(viewer)).filter(stays()).one(db).await
}

/// The viewer's file, held against changes by others until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, viewer: UserId, id: FileId) -> Result<Option<File>, DbErr> {
    Entity::find_by_id(id).filter(Column::OwnerId.eq(viewer)).filter(stays()).lock_exclusive().one(db).await
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

/// What stands for the time at which a file is to be erased once somebody has begun to: nothing can be done with it any more.
const ERASING: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Nobody has begun to erase it.
fn stays() -> Condition {
    Condition::any().add(Column::EraseAt.is_null()).add(Column::EraseAt.gt(ERASING))
}

/// Whether somebody has begun to erase it. Nobody is to see it any more.
pub fn is_erasing(file: &File) -> bool {
    file.erase_at.is_some_and(|at| at <= ERASING)
}

/// Whether it may be erased at any moment.
pub fn is_going(file: &File, now: DateTime<Utc>) -> bool {
    file.erase_at.is_some_and(|at| at <= now)
}

/// Begins to erase a file that is to be erased by `now`, and gives what it is. `None` if it was taken back meanwhile, or if a worker has it, who would store its bytes
/// after they were erased.
pub async fn begin_erasing(db: &impl ConnectionTrait, id: FileId, now: DateTime<Utc>) -> Result<Option<File>, DbErr> {
    let begun = Entity::update_many()
        .col_expr(Column::EraseAt, Expr::value(Some(ERASING)))
        .filter(Column::Id.eq(id))
        .filter(Column::EraseAt.lte(now))
        .filter(Column::Status.is_not_in([Status::Accepted, Status::Storing]));
    Ok(begun.exec_with_returning(db).await?.into_iter().next())
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
