//! The users list's state, which is its address.

use leptos_router::params::ParamsMap;
use portreeve_contract::user::{UserQuery, UserSort};

use crate::address::with_query;

/// Where the list is.
pub(crate) const PATH: &str = "/admin/users";

/// Reads the address.
pub(crate) fn read(params: &ParamsMap) -> UserQuery {
    let text = |name: &str| params.get(name).filter(|value| !value.is_empty());
    UserQuery {
        search: text("search").unwrap_or_default(),
        sort: match text("sort").as_deref() {
            Some("name") => UserSort::Name,
            Some("email") => UserSort::Email,
            _ => UserSort::CreatedAt,
        },
        reverse: text("order").is_some_and(|order| order == "reverse"),
        cursor: text("cursor"),
        limit: None,
    }
}

/// Writes the address; what is as usual is left out.
pub(crate) fn href(query: &UserQuery) -> String {
    let sort = match query.sort {
        UserSort::CreatedAt => "",
        UserSort::Name => "name",
        UserSort::Email => "email",
    };
    let order = if query.reverse { "reverse" } else { "" };
    let cursor = query.cursor.as_deref().unwrap_or("");
    with_query(PATH, &[("search", &query.search), ("sort", sort), ("order", order), ("cursor", cursor)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_everything() {
        let query = UserQuery { search: "ada & co".into(), sort: UserSort::Name, reverse: true, cursor: Some("a=b".into()), limit: None };
        let address = href(&query);
        assert_eq!(address, "/admin/users?search=ada%20%26%20co&sort=name&order=reverse&cursor=a%3Db");
        let mut params = ParamsMap::new();
        for (name, value) in [("search", "ada & co"), ("sort", "name"), ("order", "reverse"), ("cursor", "a=b")] {
            params.insert(name.to_owned(), value.to_owned());
        }
        assert_eq!(read(&params), query);
    }

    #[test]
    fn the_usual_list_has_the_plain_address() {
        assert_eq!(href(&UserQuery::default()), "/admin/users");
        assert_eq!(read(&ParamsMap::new()), UserQuery::default());
    }
}
