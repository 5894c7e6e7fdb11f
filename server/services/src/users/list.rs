//! Everyone, a page at a time.

use portreeve_contract::user::{UserPage, UserQuery, UserSort};
use portreeve_database::{
    page::Key,
    user::{self, Kind, Sort, User},
};

use super::{Error, summary};
use crate::{
    core::Core,
    list::{self, SortedBy},
};

pub(super) async fn list(core: &Core, query: UserQuery) -> Result<UserPage, Error> {
    let (sort, by, ascending) = match query.sort {
        UserSort::CreatedAt => (Sort::CreatedAt, SortedBy::Time, false),
        UserSort::Name => (Sort::Name, SortedBy::Text, true),
        UserSort::Email => (Sort::Email, SortedBy::Text, true),
    };
    let order = list::order(ascending, query.reverse);
    let from = list::decode(query.cursor.as_deref(), by)?;
    let (search, limit) = (list::search(&query.search), list::limit(query.limit));
    let page = user::page(core.database.reader(), Kind::Person, &search, (sort, order), from.clone(), limit).await?;
    let (next, previous) = list::around(&page, &from, |user| key(sort, user));
    Ok(UserPage { total: page.total, next, previous, items: page.items.into_iter().map(summary).collect() })
}

fn key(sort: Sort, user: &User) -> Key {
    match sort {
        Sort::CreatedAt => Key::Time(user.created_at, user.id.0),
        Sort::Name => Key::Text(user.name_key.clone(), user.id.0),
        Sort::Email => Key::Text(user.email_key.clone(), user.id.0),
    }
}
