//! Where the bytes of files are until they are in the object store.

use portreeve_contract::FileId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::OnConflict,
};

pub use crate::entity::segment::Model as Segment;
use crate::{
    Transaction,
    entity::segment::{Column, Entity},
};

/// Notes segments that are on disk; one that has grown since is noted anew.
pub async fn save(transaction: &Transaction, segments: Vec<Segment>) -> Result<(), DbErr> {
    if segments.is_empty() {
        return Ok(());
    }
    let insert = Entity::insert_many(segments.into_iter().map(IntoActiveModel::into_active_model))
        .on_conflict(OnConflict::columns([Column::FileId, Column::Start]).update_columns([Column::Length, Column::Name]).to_owned());
    transaction.later(&insert.into_query()).await
}

/// Those of a file, in order.
pub async fn find_of(db: &impl ConnectionTrait, file: FileId) -> Result<Vec<Segment>, DbErr> {
    Entity::find().filter(Column::FileId.eq(file)).order_by_asc(Column::Start).all(db).await
}

/// Of these names, those that some file still needs.
pub async fn find_needed(db: &impl ConnectionTrait, files: &[FileId]) -> Result<Vec<String>, DbErr> {
    Entity::find().select_only().column(Column::Name).filter(Column::FileId.is_in(files.iter().copied())).into_tuple().all(db).await
}

/// How many files have bytes that are nowhere else.
pub async fn count_files(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().select_only().column(Column::FileId).distinct().count(db).await
}

/// Forgets those of a file.
pub async fn delete_of(transaction: &Transaction, file: FileId) -> Result<(), DbErr> {
    transaction.later(&Entity::delete_many().filter(Column::FileId.eq(file)).into_query()).await
}
