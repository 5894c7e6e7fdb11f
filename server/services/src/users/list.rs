//! Everyone, a page at a time.

use portreeve_contract::user::{UserPage, UserQuery, UserSort};
use portreeve_database::user::{self, Direction, Key, Sort, User};
use sea_orm::Order;

use super::{Error, cursor::Cursor, summary};
use crate::core::Core;

const DEFAULT_LIMIT: u64 = 25;
const MAX_LIMIT: u64 = 100;
/// Characters of a search; nobody's name or address is longer.
const MAX_SEARCH: usize = 254;

pub(super) async fn list(core: &Core, query: UserQuery) -> Result<UserPage, Error> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let search: String = query.search.chars().filter(|c| *c != '\0').take(MAX_SEARCH).collect();
    let (sort, natural) = match query.sort {
        UserSort::CreatedAt => (Sort::CreatedAt, Order::Desc),
        UserSort::Name => (Sort::Name, Order::Asc),
        UserSort::Email => (Sort::Email, Order::Asc),
    };
    let ascending = matches!(natural, Order::Asc) != query.reverse;
    let order = if ascending { Order::Asc } else { Order::Desc };
    let from = query.cursor.as_deref().map(|text| Cursor::decode(text, sort)).transpose()?;
    let backward = matches!(from, Some((Direction::Backward, _)));
    let first = from.is_none();

    let page = user::page(core.database.reader(), &search, (sort, order), from, limit).await?;
    let at = |user: Option<&User>, direction| user.map(|user| Cursor::encode(direction, &key(sort, user)));
    // What lies beyond in the asked direction was looked at; in the other there is what we came from.
    let next = if page.more || backward { at(page.items.last(), Direction::Forward) } else { None };
    let previous = if (backward && page.more) || (!backward && !first) { at(page.items.first(), Direction::Backward) } else { None };
    Ok(UserPage { total: page.total, next, previous, items: page.items.into_iter().map(summary).collect() })
}

fn key(sort: Sort, user: &User) -> Key {
    match sort {
        Sort::CreatedAt => Key::Time(user.created_at, user.id),
        Sort::Name => Key::Text(user.name_key.clone(), user.id),
        Sort::Email => Key::Text(user.email_key.clone(), user.id),
    }
}
