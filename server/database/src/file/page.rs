//! A person's list.

use portreeve_contract::UserId;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter};

use super::{File, stays};
use crate::{
    entity::file::{Column, Entity},
    page::{self, Direction, Key, Page},
};

/// The column that orders the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// When the upload began.
    CreatedAt,
    /// Lower-cased name.
    Name,
    /// Bytes.
    Size,
}

/// One page of the owner's files whose name contains `search`: those in the trash, or the others.
pub async fn page(
    db: &impl ConnectionTrait,
    owner: UserId,
    (search, trashed): (&str, bool),
    (sort, order): (Sort, Order),
    from: Option<(Direction, Key)>,
    limit: u64,
) -> Result<Page<File>, DbErr> {
    let column = match sort {
        Sort::CreatedAt => Column::CreatedAt,
        Sort::Name => Column::NameKey,
        Sort::Size => Column::Size,
    };
    let matching = Entity::find()
        .filter(Column::OwnerId.eq(owner))
        .filter(if trashed {
            Condition::all().add(Column::TrashedAt.is_not_null()).add(stays())
        } else {
            Condition::all().add(Column::TrashedAt.is_null())
        })
        .filter(page::contains(db.get_database_backend(), search, &[Column::NameKey]));
    page::page(db, matching, (column, Column::Id), order, from, limit).await
}
