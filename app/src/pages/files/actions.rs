//! What one can do about one file.

use leptos::{prelude::*, task::spawn_local};
use portreeve_contract::file::{File, FileChange, FileStatus, NewFileLink};
use wasm_bindgen::JsCast;
use web_sys::HtmlAnchorElement;

use super::queue::Queue;
use crate::{
    api,
    components::{
        button::Submit,
        dialog::Dialog,
        field::{Input, TextField},
        form::{Form, FormState},
        toast::Toasts,
    },
    error::ApiError,
};

/// What the lines share: the page's dialog, the file that can be taken back, and how to load again.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    pub(crate) renaming: RwSignal<Option<File>>,
    pub(crate) thrown_away: RwSignal<Option<File>>,
    pub(crate) changed: Callback<()>,
}

/// A button and its menu.
#[component]
pub(crate) fn Actions(file: Memo<File>, problem: RwSignal<Option<String>>, desk: Desk) -> impl IntoView {
    let id = format!("actions-{}", file.with_untracked(|file| file.id));
    let target = id.clone();
    let is = move |test: fn(&File) -> bool| Memo::new(move |_| file.with(test));
    let stored = is(|file| file.status == FileStatus::Stored && file.trashed_at.is_none());
    let here = is(|file| file.status != FileStatus::Receiving && file.trashed_at.is_none());
    let ends = is(|file| file.status == FileStatus::Receiving || file.trashed_at.is_some());
    let trashed = is(|file| file.trashed_at.is_some());
    let toasts = Toasts::here();
    let item = move |label: &'static str, press: fn(&File, Desk, Toasts, RwSignal<Option<String>>)| {
        let id = id.clone();
        view! {
            <button
                type="button"
                class="button"
                data-kind="quiet"
                popovertarget=id
                popovertargetaction="hide"
                on:click=move |_| press(&file.get_untracked(), desk, toasts, problem)
            >
                {label}
            </button>
        }
    };
    let menu = target.clone();
    let (download, rename, delete, restore, erase) = (item.clone(), item.clone(), item.clone(), item.clone(), item);
    view! {
        <button type="button" class="more" popovertarget=target>
            <span aria-hidden="true">"⋯"</span>
            <span class="visually-hidden">{move || file.with(|file| format!("Actions for {}", file.name))}</span>
        </button>
        <div class="file-menu" popover id=menu>
            {move || stored.get().then(|| download("Download", fetch))}
            {move || here.get().then(|| rename("Rename", |file, desk, _, _| desk.renaming.set(Some(file.clone()))))}
            {move || here.get().then(|| delete("Delete", throw_away))}
            {move || trashed.get().then(|| restore("Take back", |file, desk, toasts, problem| take_back(file, desk, toasts, Some(problem))))}
            {move || {
                ends.get().then(|| erase(if trashed.get() { "Delete for good" } else { "Cancel upload" }, end))
            }}
        </div>
    }
}

fn tell(problem: Option<RwSignal<Option<String>>>, toasts: Toasts, ApiError(refused): ApiError) {
    // The line may have gone meanwhile.
    if problem.is_none_or(|problem| problem.try_set(Some(refused.title.clone())).is_some()) {
        toasts.say(refused.title);
    }
}

fn fetch(file: &File, _: Desk, toasts: Toasts, problem: RwSignal<Option<String>>) {
    problem.set(None);
    let id = file.id;
    spawn_local(async move {
        match api::files::link(id, NewFileLink::default()).await {
            Ok(link) => save(&link.url),
            Err(error) => tell(Some(problem), toasts, error),
        }
    });
}

/// By a link of its own, which unlike a navigation does not ask whether to leave the page.
fn save(url: &str) {
    if let Some(link) = document().create_element("a").ok().and_then(|element| element.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(url);
        link.set_download("");
        link.click();
    }
}

fn throw_away(file: &File, desk: Desk, toasts: Toasts, problem: RwSignal<Option<String>>) {
    problem.set(None);
    let (id, version) = (file.id, file.version);
    spawn_local(async move {
        let change = FileChange { trashed: Some(true), ..Default::default() };
        match api::files::update(id, version, change).await {
            Ok(file) => {
                let _ = desk.thrown_away.try_set(Some(file));
                desk.changed.try_run(());
            }
            Err(error) => tell(Some(problem), toasts, error),
        }
    });
}

/// Out of the trash.
pub(crate) fn take_back(file: &File, desk: Desk, toasts: Toasts, problem: Option<RwSignal<Option<String>>>) {
    let (id, version) = (file.id, file.version);
    spawn_local(async move {
        let change = FileChange { trashed: Some(false), ..Default::default() };
        match api::files::update(id, version, change).await {
            Ok(file) => {
                let _ = desk.thrown_away.try_set(None);
                desk.changed.try_run(());
                toasts.say(format!("{} is back.", file.name));
            }
            Err(error) => tell(problem, toasts, error),
        }
    });
}

fn end(file: &File, desk: Desk, toasts: Toasts, problem: RwSignal<Option<String>>) {
    problem.set(None);
    // If this tab is sending it, nothing may begin it anew.
    if Queue::here().cancel_address(&format!("/v1/uploads/{}", file.id)) {
        return;
    }
    let (id, name) = (file.id, file.name.clone());
    spawn_local(async move {
        match api::files::delete(id).await {
            Ok(()) => {
                desk.changed.try_run(());
                toasts.say(format!("{name} is gone for good."));
            }
            Err(error) => tell(Some(problem), toasts, error),
        }
    });
}

/// Asks for another name.
#[component]
pub(crate) fn Rename(desk: Desk) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || {
        if desk.renaming.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move || {
        if !open.get() {
            desk.renaming.set(None);
        }
    });
    view! {
        <Dialog open title="Rename">
            {move || desk.renaming.get_untracked().map(|file| view! { <RenameForm file desk open /> })}
        </Dialog>
    }
}

#[component]
fn RenameForm(file: File, desk: Desk, open: RwSignal<bool>) -> impl IntoView {
    let form = FormState::new("rename");
    let name = Input::new("name");
    let toasts = Toasts::here();
    let (id, version) = (file.id, file.version);
    let submit = move || {
        let change = FileChange { name: Some(name.value()), ..Default::default() };
        form.submit([], async move {
            let file = api::files::update(id, version, change).await?;
            let _ = open.try_set(false);
            desk.changed.try_run(());
            toasts.say(format!("It is called {} now.", file.name));
            Ok(())
        });
    };
    view! {
        <Form state=form on_submit=submit>
            <TextField input=name label="Name" autocomplete="off" value=file.name />
            <div class="actions">
                <Submit>"Rename"</Submit>
            </div>
        </Form>
    }
}
