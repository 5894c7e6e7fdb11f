//! The table of files. A line stays while its file changes, and the focus with it.

use leptos::prelude::*;
use leptos_router::components::A;
use portreeve_contract::{
    FileId,
    file::{File, FileQuery, FileSort, FileStatus},
    size::bytes,
};

use super::{
    actions::Desk,
    menu::Menu,
    query::href,
    selection::{SelectAll, SelectOne},
    words::{kind, state},
};
use crate::components::{status::Chip, time::Time};

/// One line a file, and headers that sort.
#[component]
pub(crate) fn Table(query: Signal<FileQuery>, items: Memo<Vec<File>>, desk: Desk) -> impl IntoView {
    let header = move |sort, label| view! { <SortHeader query sort label /> };
    let ids = move || items.with(|items| items.iter().map(|file| file.id).collect::<Vec<_>>());
    view! {
        <div class="table-wrap">
            <table class="table files">
                <caption class="visually-hidden">"Files"</caption>
                <thead>
                    <tr>
                        <th scope="col" class="select">
                            <SelectAll items desk />
                        </th>
                        {header(FileSort::Name, "Name")} {header(FileSort::Size, "Size")} <th scope="col" data-wide>
                            "Kind"
                        </th> <th scope="col">"State"</th> {header(FileSort::CreatedAt, "Sent")} <th scope="col">
                            <span class="visually-hidden">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    <For each=ids key=|id| *id let:id>
                        <Row id items desk />
                    </For>
                </tbody>
            </table>
        </div>
    }
}

/// A header that sorts by its column, and the other way round when pressed again.
#[component]
fn SortHeader(query: Signal<FileQuery>, sort: FileSort, label: &'static str) -> impl IntoView {
    view! {
        <th scope="col" aria-sort=move || query.with(|query| order(query, sort)) data-wide=(sort != FileSort::Name).then_some("")>
            <a href=move || query.with(|query| sorted(query, sort)) data-noscroll="">
                {label}
            </a>
        </th>
    }
}

/// Which way round the list is sorted so, if it is.
fn order(query: &FileQuery, sort: FileSort) -> Option<&'static str> {
    // The natural order is A to Z, the newest and the largest first.
    let ascending = query.reverse == (sort != FileSort::Name);
    (query.sort == sort).then_some(if ascending { "ascending" } else { "descending" })
}

/// Where the list is sorted so, or the other way round if it is already.
fn sorted(query: &FileQuery, sort: FileSort) -> String {
    href(&FileQuery { sort, reverse: query.sort == sort && !query.reverse, cursor: None, ..query.clone() })
}

/// The same where the columns have no room.
#[component]
pub(crate) fn SortBy(query: Signal<FileQuery>) -> impl IntoView {
    let link = move |sort: FileSort, label: &'static str| {
        let order = Signal::derive(move || query.with(|query| order(query, sort)));
        let current = move || order.get().map(|_| "true");
        view! {
            <a href=move || query.with(|query| sorted(query, sort)) aria-current=current data-order=move || order.get() data-noscroll="">
                {label}
            </a>
        }
    };
    view! {
        <nav class="sort-by" aria-label="Sort by">
            <span class="hint" aria-hidden="true">
                "Sort by"
            </span>
            {link(FileSort::CreatedAt, "Sent")}
            {link(FileSort::Name, "Name")}
            {link(FileSort::Size, "Size")}
        </nav>
    }
}

#[component]
fn Row(id: FileId, items: Memo<Vec<File>>, desk: Desk) -> impl IntoView {
    let Some(first) = items.with_untracked(|items| items.iter().find(|file| file.id == id).cloned()) else { return ().into_any() };
    // Gone from the list, the line is about to go too: until then it shows what it last knew.
    let file = Memo::new(move |before: Option<&File>| {
        let now = items.with(|items| items.iter().find(|file| file.id == id).cloned());
        now.unwrap_or_else(|| before.cloned().unwrap_or_else(|| first.clone()))
    });
    let problem = RwSignal::new(None::<String>);
    let name = move || file.with(|file| file.name.clone());
    let size = move || file.with(|file| bytes(file.size));
    let failure = move || file.with(|file| (file.status == FileStatus::Failed).then(|| file.failure.clone()).flatten());
    view! {
        <tr data-selected=move || desk.selected.with(|selected| selected.contains(&id)).then_some("")>
            <td class="select">
                <SelectOne file desk />
            </td>
            <th scope="row">
                <A href=format!("/files/{id}") attr:class="file-name">
                    {name}
                </A>
                <span class="email-below hint number">{size}</span>
                {move || failure().map(|text| view! { <p class="field-error">{text}</p> })}
                <div role="alert">{move || problem.get().map(|text| view! { <p class="field-error">{text}</p> })}</div>
            </th>
            <td data-wide class="number">
                {size}
            </td>
            <td data-wide>{move || file.with(|file| kind(&file.media_type))}</td>
            <td>
                {move || {
                    let (kind, text) = state(file.with(|file| file.status));
                    view! { <Chip kind text /> }
                }}
            </td>
            <td data-wide>
                <Time at=file.get_untracked().created_at />
            </td>
            <td class="file-actions">
                <Menu file problem desk />
            </td>
        </tr>
    }
    .into_any()
}
