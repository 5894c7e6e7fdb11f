//! The administrator's list: searched, sorted and cut into pages by the database.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use portreeve_contract::UserId;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};

use super::User;
use crate::entity::user::{Column, Entity};

/// The column that orders the list; the id breaks ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// When the account was made.
    CreatedAt,
    /// Lower-cased name.
    Name,
    /// Lower-cased address.
    Email,
}

/// Where a page begins: beyond this row, in the list's order or against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// For [`Sort::CreatedAt`].
    Time(DateTime<Utc>, UserId),
    /// For the others.
    Text(String, UserId),
}

/// Which way a page lies from its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// After it.
    Forward,
    /// Before it.
    Backward,
}

/// Rows of one page, in the list's order.
#[derive(Clone, Debug)]
pub struct Page {
    /// At most the limit.
    pub items: Vec<User>,
    /// How many match in all.
    pub total: u64,
    /// Whether there are more in the direction that was asked.
    pub more: bool,
}

/// One page of the users whose name or address contains `search`.
///
/// Each order has an index that also holds what is searched, so a page without a search reads as many entries as it shows, and a search reads
/// each index entry once at most and of the table's rows only those that it shows.
pub async fn page(
    db: &impl ConnectionTrait,
    search: &str,
    (sort, order): (Sort, Order),
    from: Option<(Direction, Key)>,
    limit: u64,
) -> Result<Page, DbErr> {
    let matching = Entity::find().select_only().column(Column::Id).filter(contains(db.get_database_backend(), search));
    let total = matching.clone().count(db).await?;

    let backward = matches!(from, Some((Direction::Backward, _)));
    let order = if backward { opposite(&order) } else { order };
    let column = match sort {
        Sort::CreatedAt => Column::CreatedAt,
        Sort::Name => Column::NameKey,
        Sort::Email => Column::EmailKey,
    };
    let mut ids: Vec<UserId> = matching
        .filter(Condition::all().add_option(from.map(|(_, key)| beyond(column, key, &order))))
        .order_by(column, order.clone())
        .order_by(Column::Id, order)
        .limit(limit + 1)
        .into_tuple()
        .all(db)
        .await?;
    let more = ids.len() as u64 > limit;
    ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    if backward {
        ids.reverse();
    }
    Ok(Page { items: in_order(db, &ids).await?, total, more })
}

/// The accounts, less those erased this moment.
async fn in_order(db: &impl ConnectionTrait, ids: &[UserId]) -> Result<Vec<User>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(db).await?;
    let mut found: HashMap<UserId, User> = found.into_iter().map(|user| (user.id, user)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// As bytes: quicker than `LIKE`, and nothing in `search` has a meaning of its own.
fn contains(backend: DbBackend, search: &str) -> Condition {
    let search = search.trim().to_lowercase();
    if search.is_empty() {
        return Condition::all();
    }
    let position = if backend == DbBackend::Postgres { "strpos" } else { "instr" };
    let within = |column| Expr::expr(Func::cust(position).arg(Expr::col(column)).arg(search.clone())).gt(0);
    Condition::any().add(within(Column::NameKey)).add(within(Column::EmailKey))
}

/// Row values, written out: `(column, id) > (value, id)`.
fn beyond(column: Column, key: Key, order: &Order) -> SimpleExpr {
    let (value, id): (sea_orm::Value, UserId) = match key {
        Key::Time(time, id) => (time.into(), id),
        Key::Text(text, id) => (text.into(), id),
    };
    let row = Expr::tuple([Expr::col(column), Expr::col(Column::Id)]);
    let key = Expr::tuple([Expr::value(value), Expr::value(id)]);
    if matches!(order, Order::Asc) { row.gt(key) } else { row.lt(key) }
}

fn opposite(order: &Order) -> Order {
    if matches!(order, Order::Asc) { Order::Desc } else { Order::Asc }
}
