//! Lists: searched, sorted and cut into pages by the database. A page begins beyond a row (keyset), so a list of a hundred thousand is as quick at its
//! end as at its beginning, and nothing is shown twice when something is added meanwhile.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, ModelTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};

/// The value by which a row is sorted; its id breaks ties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A time.
    Time(DateTime<Utc>, Uuid),
    /// A lower-cased text.
    Text(String, Uuid),
    /// A number.
    Number(i64, Uuid),
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
pub struct Page<T> {
    /// At most the limit.
    pub items: Vec<T>,
    /// How many match in all.
    pub total: u64,
    /// Whether there are more in the direction that was asked.
    pub more: bool,
}

/// One page of the rows that match, by `column` and then by `id`.
///
/// Each order has an index that also holds what is searched, so a page without a search reads as many entries as it shows, and a search reads
/// each index entry once at most and of the table's rows only those that it shows.
pub(crate) async fn page<E>(
    db: &impl ConnectionTrait,
    matching: Select<E>,
    (column, id): (E::Column, E::Column),
    order: Order,
    from: Option<(Direction, Key)>,
    limit: u64,
) -> Result<Page<E::Model>, DbErr>
where
    E: EntityTrait<Model: Send + Sync>,
{
    let matching = matching.select_only().column(id);
    let total = matching.clone().count(db).await?;
    let backward = matches!(from, Some((Direction::Backward, _)));
    let order = if backward { opposite(&order) } else { order };
    let mut ids: Vec<Uuid> = matching
        .filter(Condition::all().add_option(from.map(|(_, key)| beyond((column, id), key, &order))))
        .order_by(column, order.clone())
        .order_by(id, order)
        .limit(limit + 1)
        .into_tuple()
        .all(db)
        .await?;
    let more = ids.len() as u64 > limit;
    ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    if backward {
        ids.reverse();
    }
    Ok(Page { items: in_order::<E>(db, id, &ids).await?, total, more })
}

/// The rows, less those deleted this moment.
async fn in_order<E>(db: &impl ConnectionTrait, id: E::Column, ids: &[Uuid]) -> Result<Vec<E::Model>, DbErr>
where
    E: EntityTrait<Model: Send + Sync>,
{
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = E::find().filter(id.is_in(ids.iter().copied())).all(db).await?;
    let place = |row: &E::Model| match row.get(id) {
        sea_orm::Value::Uuid(Some(found)) => ids.iter().position(|id| *id == found),
        _ => None,
    };
    rows.sort_by_key(place);
    Ok(rows)
}

/// What contains `search` in one of these columns, which hold lower-cased text; everything if it is empty.
///
/// As bytes: quicker than `LIKE`, and nothing in `search` has a meaning of its own.
pub(crate) fn contains<C: ColumnTrait>(backend: DbBackend, search: &str, columns: &[C]) -> Condition {
    let search = search.trim().to_lowercase();
    if search.is_empty() {
        return Condition::all();
    }
    let position = if backend == DbBackend::Postgres { "strpos" } else { "instr" };
    let within = |column: &C| Expr::expr(Func::cust(position).arg(Expr::col(column.as_column_ref())).arg(search.clone())).gt(0);
    columns.iter().fold(Condition::any(), |any, column| any.add(within(column)))
}

/// `(column, id) > (value, id)`, as row values.
fn beyond<C: ColumnTrait>((column, id_column): (C, C), key: Key, order: &Order) -> SimpleExpr {
    let (value, id): (sea_orm::Value, Uuid) = match key {
        Key::Time(time, id) => (time.into(), id),
        Key::Text(text, id) => (text.into(), id),
        Key::Number(number, id) => (number.into(), id),
    };
    let row = Expr::tuple([Expr::col(column), Expr::col(id_column)]);
    let key = Expr::tuple([Expr::value(value), Expr::value(id)]);
    if matches!(order, Order::Asc) { row.gt(key) } else { row.lt(key) }
}

fn opposite(order: &Order) -> Order {
    if matches!(order, Order::Asc) { Order::Desc } else { Order::Asc }
}
