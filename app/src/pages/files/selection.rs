//! Several files at once: the boxes of the table, and what can be done about those that are ticked.

use leptos::prelude::*;
use portreeve_contract::{
    FileId,
    file::{File, FileStatus},
    size::bytes,
};

use super::actions::{Desk, Tell, take_back, throw_away};
use crate::components::button::Button;

/// An upload under way has actions of its own.
fn is_selectable(file: &File) -> bool {
    file.status != FileStatus::Receiving
}

/// How many of a page.
#[derive(Clone, Copy, PartialEq)]
enum Ticked {
    None,
    Some,
    All,
}

/// Ticks every file of the page, or none.
#[component]
pub(crate) fn SelectAll(items: Memo<Vec<File>>, desk: Desk) -> impl IntoView {
    let ids = move || items.with(|items| items.iter().filter(|file| is_selectable(file)).map(|file| file.id).collect::<Vec<FileId>>());
    let ticked = Memo::new(move |_| {
        let ids = ids();
        match desk.selected.with(|selected| ids.iter().filter(|id| selected.contains(id)).count()) {
            0 => Ticked::None,
            count if count == ids.len() => Ticked::All,
            _ => Ticked::Some,
        }
    });
    let press = move |_| {
        let tick = ticked.get_untracked() != Ticked::All;
        let ids = untrack(ids);
        desk.selected.update(|selected| {
            selected.clear();
            if tick {
                selected.extend(ids);
            }
        });
    };
    view! {
        <label class="tick">
            <input
                type="checkbox"
                aria-label="Select all on this page"
                prop:checked=move || ticked.get() == Ticked::All
                prop:indeterminate=move || ticked.get() == Ticked::Some
                on:change=press
            />
        </label>
    }
}

/// Ticks one.
#[component]
pub(crate) fn SelectOne(file: Memo<File>, desk: Desk) -> impl IntoView {
    let id = file.with_untracked(|file| file.id);
    let shown = Memo::new(move |_| file.with(is_selectable));
    let press = move |_| {
        desk.selected.update(|selected| {
            if !selected.remove(&id) {
                selected.insert(id);
            }
        });
    };
    view! {
        <Show when=move || shown.get()>
            <label class="tick">
                <input
                    type="checkbox"
                    aria-label=move || file.with(|file| format!("Select {}", file.name))
                    prop:checked=move || desk.selected.with(|selected| selected.contains(&id))
                    on:change=press
                />
            </label>
        </Show>
    }
}

/// How many files there are; while some are ticked, how many of them and what can be done.
#[component]
pub(crate) fn ListHead(
    /// Of the page.
    items: Memo<Vec<File>>,
    /// Whether it is the trash.
    #[prop(into)]
    trashed: Signal<bool>,
    /// What is said while nothing is ticked.
    #[prop(into)]
    count: Signal<String>,
    desk: Desk,
) -> impl IntoView {
    let chosen = Memo::new(move |_| {
        desk.selected
            .with(|selected| items.with(|items| items.iter().filter(|file| selected.contains(&file.id)).cloned().collect::<Vec<_>>()))
    });
    let any = Memo::new(move |_| chosen.with(|files| !files.is_empty()));
    // Reads one memo only: an effect that reads a memo and another one made of it may miss a change of the first (reactive_graph 0.2.16).
    let words = move || {
        let files = chosen.get();
        if files.is_empty() {
            count.get()
        } else {
            format!("{} selected, {}", files.len(), bytes(files.iter().map(|file| file.size).sum()))
        }
    };
    let tell = Tell::here();
    view! {
        <div class="list-head">
            <p class="hint number" role="status">
                {words}
            </p>
            <Show when=move || any.get()>
                <div class="list-actions" role="group" aria-label="For the selected files">
                    <Show
                        when=move || trashed.get()
                        fallback=move || {
                            view! {
                                <Button kind="quiet" on_press=move || throw_away(chosen.get_untracked(), desk, tell)>
                                    "Delete"
                                </Button>
                            }
                        }
                    >
                        <Button kind="quiet" on_press=move || take_back(chosen.get_untracked(), desk, tell)>
                            "Take back"
                        </Button>
                        <Button kind="quiet" on_press=move || desk.ending.set(chosen.get_untracked())>
                            "Delete for good"
                        </Button>
                    </Show>
                    <Button kind="quiet" on_press=move || desk.selected.update(std::collections::BTreeSet::clear)>
                        "Clear"
                    </Button>
                </div>
            </Show>
        </div>
    }
}
