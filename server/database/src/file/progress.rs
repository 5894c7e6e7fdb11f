//! How a file comes along. Each step is one conditional update, so that none is taken twice or backwards.

use chrono::{DateTime, Utc};
use portreeve_contract::FileId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryTrait, UpdateMany,
    sea_query::{Expr, ExprTrait},
};

use super::{File, Status, stays};
use crate::{
    entity::file::{Column, Entity},
    transaction::met,
};

/// What is known of a file once all its bytes are here.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// Of all bytes.
    pub sha256: Vec<u8>,
    /// By its first bytes.
    pub media_type: String,
    /// Of its key.
    pub extension: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// All bytes are here: `receiving → accepted`. `false` if it was not receiving, or is being erased.
pub async fn accept(db: &impl ConnectionTrait, id: FileId, accepted: Accepted) -> Result<bool, DbErr> {
    let step = step(id, &[Status::Receiving], Status::Accepted)
        .col_expr(Column::Sha256, Expr::value(Some(accepted.sha256)))
        .col_expr(Column::MediaType, Expr::value(accepted.media_type))
        .col_expr(Column::Extension, Expr::value(accepted.extension))
        .col_expr(Column::AcceptedAt, Expr::value(Some(accepted.at)))
        .filter(stays());
    take(db, step).await
}

/// A worker begins: `accepted → storing`. `None` if it is stored already, or erased, or about to be.
pub async fn begin_storing(db: &impl ConnectionTrait, id: FileId) -> Result<Option<File>, DbErr> {
    let step = step(id, &[Status::Accepted, Status::Storing, Status::Failed], Status::Storing).filter(stays());
    let begun = step.exec_with_returning(db).await?;
    Ok(begun.into_iter().next())
}

/// In the object store, checked: `storing → stored`. `false` if it was not storing.
pub async fn store(db: &impl ConnectionTrait, id: FileId, at: DateTime<Utc>) -> Result<bool, DbErr> {
    let step = step(id, &[Status::Storing], Status::Stored)
        .col_expr(Column::StoredAt, Expr::value(Some(at)))
        .col_expr(Column::Failure, Expr::value(None::<String>));
    take(db, step).await
}

/// Given up: `failed`, with the reason in words for its owner. `false` if it is stored.
pub async fn fail(db: &impl ConnectionTrait, id: FileId, reason: &str) -> Result<bool, DbErr> {
    let step = step(id, &[Status::Accepted, Status::Storing], Status::Failed).col_expr(Column::Failure, Expr::value(Some(reason)));
    take(db, step).await
}

fn step(id: FileId, from: &[Status], to: Status) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(to))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id))
        .filter(Column::Status.is_in(from.iter().copied()))
}

async fn take(db: &impl ConnectionTrait, step: UpdateMany<Entity>) -> Result<bool, DbErr> {
    met(db, step.into_query().returning_col(Column::Id)).await
}
