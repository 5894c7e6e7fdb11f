//! The menu of one line of the table.

use leptos::prelude::*;
use portreeve_contract::file::{File, FileStatus};

use super::actions::{Desk, Tell, download, take_back, throw_away};

/// A button and its menu.
#[component]
pub(crate) fn Menu(file: Memo<File>, problem: RwSignal<Option<String>>, desk: Desk) -> impl IntoView {
    let id = format!("actions-{}", file.with_untracked(|file| file.id));
    let target = id.clone();
    let is = move |test: fn(&File) -> bool| Memo::new(move |_| file.with(test));
    let stored = is(|file| file.status == FileStatus::Stored && file.trashed_at.is_none());
    let here = is(|file| file.status != FileStatus::Receiving && file.trashed_at.is_none());
    let ends = is(|file| file.status == FileStatus::Receiving || file.trashed_at.is_some());
    let trashed = is(|file| file.trashed_at.is_some());
    let tell = Tell::beside(problem);
    let item = move |label: &'static str, press: fn(File, Desk, Tell)| {
        let id = id.clone();
        view! {
            <button
                type="button"
                class="button"
                data-kind="quiet"
                popovertarget=id
                popovertargetaction="hide"
                on:click=move |_| press(file.get_untracked(), desk, tell)
            >
                {label}
            </button>
        }
    };
    let menu = target.clone();
    let (saves, renames, throws, restores, erases) = (item.clone(), item.clone(), item.clone(), item.clone(), item);
    view! {
        <button type="button" class="more" popovertarget=target>
            <span aria-hidden="true">"⋯"</span>
            <span class="visually-hidden">{move || file.with(|file| format!("Actions for {}", file.name))}</span>
        </button>
        <div class="file-menu" popover id=menu>
            {move || stored.get().then(|| saves("Download", |file, _, tell| download(&file, tell)))}
            {move || here.get().then(|| renames("Rename", |file, desk, _| desk.renaming.set(Some(file))))}
            {move || here.get().then(|| throws("Delete", |file, desk, tell| throw_away(vec![file], desk, tell)))}
            {move || trashed.get().then(|| restores("Take back", |file, desk, tell| take_back(vec![file], desk, tell)))}
            {move || {
                let label = if trashed.get() { "Delete for good" } else { "Cancel upload" };
                ends.get().then(|| erases(label, |file, desk, _| desk.ending.set(vec![file])))
            }}
        </div>
    }
}
