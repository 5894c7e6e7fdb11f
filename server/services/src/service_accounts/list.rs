//! All of them, a page at a time.

use portreeve_contract::service_account::{ServiceAccountPage, ServiceAccountQuery, ServiceAccountSort};
use portreeve_database::{
    page::Key,
    user::{self, Kind, Sort},
};

use super::{Error, show};
use crate::{
    core::Core,
    list::{self, SortedBy},
};

pub(super) async fn list(core: &Core, query: ServiceAccountQuery) -> Result<ServiceAccountPage, Error> {
    let (sort, by, ascending) = match query.sort {
        ServiceAccountSort::CreatedAt => (Sort::CreatedAt, SortedBy::Time, false),
        ServiceAccountSort::Name => (Sort::Name, SortedBy::Text, true),
    };
    let order = list::order(ascending, query.reverse);
    let from = list::decode(query.cursor.as_deref(), by)?;
    let (search, limit) = (list::search(&query.search), list::limit(query.limit));
    let page = user::page(core.database.reader(), Kind::ServiceAccount, &search, (sort, order), from.clone(), limit).await?;
    let (next, previous) = list::around(&page, &from, |user| match query.sort {
        ServiceAccountSort::CreatedAt => Key::Time(user.created_at, user.id.0),
        ServiceAccountSort::Name => Key::Text(user.name_key.clone(), user.id.0),
    });
    Ok(ServiceAccountPage { total: page.total, next, previous, items: page.items.into_iter().map(show).collect() })
}
