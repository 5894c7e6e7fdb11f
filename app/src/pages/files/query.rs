//! The files list's state, which is its address.

use leptos_router::params::ParamsMap;
use portreeve_contract::file::{FileQuery, FileSort};

use crate::address::with_query;

/// Where the list is.
pub(crate) const PATH: &str = "/files";

/// Reads the address.
pub(crate) fn read(params: &ParamsMap) -> FileQuery {
    let text = |name: &str| params.get(name).filter(|value| !value.is_empty());
    FileQuery {
        search: text("search").unwrap_or_default(),
        sort: match text("sort").as_deref() {
            Some("name") => FileSort::Name,
            Some("size") => FileSort::Size,
            _ => FileSort::CreatedAt,
        },
        reverse: text("order").is_some_and(|order| order == "reverse"),
        trashed: text("show").is_some_and(|show| show == "trash"),
        cursor: text("cursor"),
        limit: None,
    }
}

/// Writes the address; what is as usual is left out.
pub(crate) fn href(query: &FileQuery) -> String {
    let sort = match query.sort {
        FileSort::CreatedAt => "",
        FileSort::Name => "name",
        FileSort::Size => "size",
    };
    let order = if query.reverse { "reverse" } else { "" };
    let show = if query.trashed { "trash" } else { "" };
    let cursor = query.cursor.as_deref().unwrap_or("");
    with_query(PATH, &[("show", show), ("search", &query.search), ("sort", sort), ("order", order), ("cursor", cursor)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_everything() {
        let query = FileQuery {
            search: "a & b".into(),
            sort: FileSort::Size,
            reverse: true,
            trashed: true,
            cursor: Some("a=b".into()),
            limit: None,
        };
        assert_eq!(href(&query), "/files?show=trash&search=a%20%26%20b&sort=size&order=reverse&cursor=a%3Db");
        let mut params = ParamsMap::new();
        for (name, value) in [("show", "trash"), ("search", "a & b"), ("sort", "size"), ("order", "reverse"), ("cursor", "a=b")] {
            params.insert(name.to_owned(), value.to_owned());
        }
        assert_eq!(read(&params), query);
        assert_eq!(href(&FileQuery::default()), "/files");
    }
}
