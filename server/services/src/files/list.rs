//! What a person has.

use portreeve_contract::file::{FilePage, FileQuery, FileSort, Usage};
use portreeve_database::{
    file::{self, Sort},
    page::Key,
    usage,
};

use super::{Error, unsigned, view};
use crate::{
    Caller,
    core::Core,
    list::{self, SortedBy},
};

pub(super) async fn list(core: &Core, caller: &Caller, query: FileQuery) -> Result<FilePage, Error> {
    let (sort, by, ascending) = match query.sort {
        FileSort::CreatedAt => (Sort::CreatedAt, SortedBy::Time, false),
        FileSort::Name => (Sort::Name, SortedBy::Text, true),
        FileSort::Size => (Sort::Size, SortedBy::Number, false),
    };
    let order = list::order(ascending, query.reverse);
    let from = list::decode(query.cursor.as_deref(), by)?;
    let (search, limit) = (list::search(&query.search), list::limit(query.limit));
    let page = file::page(core.database.reader(), caller.user, (&search, query.trashed), (sort, order), from.clone(), limit).await?;
    let (next, previous) = list::around(&page, &from, |file| key(sort, file));
    Ok(FilePage { total: page.total, next, previous, items: page.items.into_iter().map(view).collect() })
}

fn key(sort: Sort, file: &file::File) -> Key {
    match sort {
        Sort::CreatedAt => Key::Time(file.created_at, file.id.0),
        Sort::Name => Key::Text(file.name_key.clone(), file.id.0),
        Sort::Size => Key::Number(file.size, file.id.0),
    }
}

pub(super) async fn usage(core: &Core, caller: &Caller) -> Result<Usage, Error> {
    let used = usage::find(core.database.reader(), caller.user).await?;
    let settings = &core.settings.files;
    Ok(Usage {
        files: unsigned(used.files),
        bytes: unsigned(used.bytes),
        max_files: settings.max_files,
        max_bytes: settings.max_bytes,
        max_size: settings.max_size,
    })
}
