//! `/files`: what one has, what is on its way, and what was thrown away.

mod actions;
mod folder;
mod links;
mod menu;
mod new_link;
mod one;
mod preview;
mod query;
mod queue;
mod queue_view;
mod rename;
mod selection;
mod send;
mod table;
mod timeline;
mod tus;
mod watch;
mod words;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use portreeve_contract::{
    file::{File, FilePage, FileQuery, Usage},
    size::{bytes, grouped},
};

pub(crate) use self::{actions::save, one::OneFile, words::kind};
use self::{
    actions::{Desk, Ending, Tell, take_back},
    query::{href, read},
    queue::Queue,
    queue_view::{DropZone, Uploads},
    rename::Rename,
    selection::ListHead,
    table::{SortBy, Table},
    words::told,
};
use crate::{
    api,
    browser::focus_heading,
    components::{
        button::Button,
        flags::Flags,
        guard::needs_sign_in,
        layout::{NeedsScript, Page},
        load::Load,
        pages::Pages,
        search::Search,
    },
    latest::latest,
    who::Who,
};

/// The page.
#[component]
pub(crate) fn Files() -> impl IntoView {
    needs_sign_in();
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(read));
    let (page, again) = latest(query, api::files::list);
    let usage = LocalResource::new(api::files::usage);
    let used = RwSignal::new(None);
    Effect::new(move || {
        if let Some(Ok(now)) = usage.get() {
            used.set(Some(now));
        }
    });
    let changed = watch::watched(move || {
        again.run(());
        usage.refetch();
    });
    let who = Who::here();
    Effect::new(move || {
        if let Some(Ok(person)) = who.get() {
            Queue::here().belongs_to(person.id);
        }
    });
    let desk = Desk::new(changed, Callback::new(|()| {}));
    // What is ticked on one page is not on the next.
    Effect::new(move || {
        query.track();
        desk.selected.set(std::collections::BTreeSet::new());
    });
    let trashed = Memo::new(move |_| query.with(|query| query.trashed));
    let title = Signal::derive(move || if trashed.get() { "Trash" } else { "Files" }.to_owned());
    let search = Memo::new(move |_| query.with(|query| query.search.clone()));
    let to = Callback::new(move |search| href(&FileQuery { search, cursor: None, ..query.get_untracked() }));
    view! {
        <Page title>
            <NeedsScript />
            <Search label="Search files" hint="Search by name" search to />
            <Show when=move || !trashed.get()>
                <DropZone usage=used.into() />
            </Show>
            <div class="news">
                <Uploads />
                <ThrownAway desk />
            </div>
            <Load read=move || page.get() retry=move || again.run(()) lines=8 let:answer>
                <Listing answer desk />
            </Load>
            <Space usage=used.into() query />
            <Rename desk />
            <Ending desk />
        </Page>
    }
}

/// What has just been thrown away, and the way back.
#[component]
fn ThrownAway(desk: Desk) -> impl IntoView {
    let tell = Tell::here();
    view! {
        <div role="status" class="thrown-away">
            {move || {
                let files = desk.thrown_away.get();
                (!files.is_empty())
                    .then(|| {
                        let said = told(&files, "is in the trash.", "are in the trash.");
                        view! {
                            <aside class="notice" data-kind="plain">
                                <p>{said}</p>
                                <Button kind="quiet" on_press=move || take_back(files.clone(), desk, tell)>
                                    "Undo"
                                </Button>
                            </aside>
                        }
                    })
            }}
        </div>
    }
}

#[component]
fn Listing(answer: Signal<(FileQuery, FilePage)>, desk: Desk) -> impl IntoView {
    let query = Signal::derive(move || answer.with(|(query, _)| query.clone()));
    let items: Memo<Vec<File>> = Memo::new(move |_| answer.with(|(_, page)| page.items.clone()));
    let empty = Memo::new(move |_| items.with(Vec::is_empty));
    let count = Signal::derive(move || answer.with(|(query, page)| counted(query, page.total)));
    let trashed = Signal::derive(move || answer.with(|(query, _)| query.trashed));
    let to = move |cursor: fn(&FilePage) -> Option<String>| {
        answer.with(|(query, page)| cursor(page).map(|cursor| href(&FileQuery { cursor: Some(cursor), ..query.clone() })))
    };
    view! {
        <ListHead items trashed count desk />
        {move || {
            if empty.get() {
                let (query, total) = answer.with_untracked(|(query, page)| (query.clone(), page.total));
                view! { <Nothing query total /> }.into_any()
            } else {
                view! {
                    <SortBy query />
                    <Table query items desk />
                }
                    .into_any()
            }
        }}
        <Pages previous=Signal::derive(move || to(|page| page.previous.clone())) next=Signal::derive(move || to(|page| page.next.clone())) />
    }
}

fn counted(query: &FileQuery, total: u64) -> String {
    let files = if total == 1 { "1 file".to_owned() } else { format!("{} files", grouped(total)) };
    match (query.trashed, query.search.as_str()) {
        (true, "") => format!("{files} in the trash. A file’s own page says when it will be erased."),
        (true, search) => format!("{files} in the trash with “{search}” in the name."),
        (false, "") => format!("{files}. Everything that says Stored has been checked, byte for byte."),
        (false, search) => format!("{files} with “{search}” in the name."),
    }
}

#[component]
fn Nothing(query: FileQuery, total: u64) -> impl IntoView {
    let text = match (query.search.is_empty(), query.trashed) {
        // Those that were on it are gone, or the address is an old one.
        _ if total > 0 => "Nothing is left on this page of the list.",
        (false, _) => "No file has that in its name.",
        (true, true) => "The trash is empty.",
        (true, false) => "Nothing is here yet. Drop a file above, or choose one.",
    };
    let first = FileQuery { cursor: None, ..query };
    let on = if total > 0 {
        Some((href(&first), "To the first page"))
    } else {
        (!first.search.is_empty()).then(|| (href(&FileQuery { search: String::new(), ..first }), "Show all"))
    };
    view! {
        <div class="empty">
            <Flags word="NONE" />
            <p>{text}</p>
            {on
                .map(|(href, label)| {
                    view! {
                        <a href=href on:click=|_| focus_heading()>
                            {label}
                        </a>
                    }
                })}
        </div>
    }
}

/// How much is used, and the way to the trash.
#[component]
fn Space(usage: Signal<Option<Usage>>, query: Memo<FileQuery>) -> impl IntoView {
    let trashed = move || query.with(|query| query.trashed);
    view! {
        <div class="space">
            {move || {
                let (href, label) = if trashed() { ("/files", "Back to files") } else { ("/files?show=trash", "Trash") };
                view! { <a href=href>{label}</a> }
            }}
            {move || {
                usage
                    .get()
                    .map(|usage| {
                        view! {
                            <span class="hint number space-used">
                                {format!("{} used, {} left", bytes(usage.bytes), bytes(usage.max_bytes.saturating_sub(usage.bytes)))}
                                <meter aria-label="Space used" min="0" max=usage.max_bytes.to_string() value=usage.bytes.to_string()></meter>
                            </span>
                        }
                    })
            }}
        </div>
    }
}
