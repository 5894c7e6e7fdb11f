//! The state of the list of service accounts, which is its address.

use leptos_router::params::ParamsMap;
use portreeve_contract::service_account::{ServiceAccountQuery, ServiceAccountSort};

use crate::address::with_query;

/// Where the list is.
pub(super) const PATH: &str = "/admin/service-accounts";

/// Reads the address.
pub(super) fn read(params: &ParamsMap) -> ServiceAccountQuery {
    let text = |name: &str| params.get(name).filter(|value| !value.is_empty());
    ServiceAccountQuery {
        search: text("search").unwrap_or_default(),
        sort: if text("sort").is_some_and(|sort| sort == "name") { ServiceAccountSort::Name } else { ServiceAccountSort::CreatedAt },
        reverse: text("order").is_some_and(|order| order == "reverse"),
        cursor: text("cursor"),
        limit: None,
    }
}

/// Writes the address; what is as usual is left out.
pub(super) fn href(query: &ServiceAccountQuery) -> String {
    let sort = if query.sort == ServiceAccountSort::Name { "name" } else { "" };
    let order = if query.reverse { "reverse" } else { "" };
    let cursor = query.cursor.as_deref().unwrap_or("");
    with_query(PATH, &[("search", &query.search), ("sort", sort), ("order", order), ("cursor", cursor)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_everything_and_no_more() {
        let query = ServiceAccountQuery {
            search: "night & day".into(),
            sort: ServiceAccountSort::Name,
            reverse: true,
            cursor: Some("a=b".into()),
            limit: None,
        };
        assert_eq!(href(&query), "/admin/service-accounts?search=night%20%26%20day&sort=name&order=reverse&cursor=a%3Db");
        let mut params = ParamsMap::new();
        for (name, value) in [("search", "night & day"), ("sort", "name"), ("order", "reverse"), ("cursor", "a=b")] {
            params.insert(name.to_owned(), value.to_owned());
        }
        assert_eq!(read(&params), query);
        assert_eq!(href(&ServiceAccountQuery::default()), PATH);
        assert_eq!(read(&ParamsMap::new()), ServiceAccountQuery::default());
    }
}
