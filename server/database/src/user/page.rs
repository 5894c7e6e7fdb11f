//! The administrator's lists.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter};

use super::{Kind, User};
use crate::{
    entity::user::{Column, Entity},
    page::{self, Direction, Key, Page},
};

/// The column that orders the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// When the account was made.
    CreatedAt,
    /// Lower-cased name.
    Name,
    /// Lower-cased address.
    Email,
}

/// One page of the accounts of a kind whose name or address contains `search`; for a machine the address is its id.
pub async fn page(
    db: &impl ConnectionTrait,
    kind: Kind,
    search: &str,
    (sort, order): (Sort, Order),
    from: Option<(Direction, Key)>,
    limit: u64,
) -> Result<Page<User>, DbErr> {
    let column = match sort {
        Sort::CreatedAt => Column::CreatedAt,
        Sort::Name => Column::NameKey,
        Sort::Email => Column::EmailKey,
    };
    let of_kind = Entity::find().filter(Column::Kind.eq(kind));
    let matching = of_kind.filter(page::contains(db.get_database_backend(), search, &[Column::NameKey, Column::EmailKey]));
    page::page(db, matching, (column, Column::Id), order, from, limit).await
}
