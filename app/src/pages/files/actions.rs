//! What one can do about files: one, or those that are selected.

use std::{collections::BTreeSet, sync::Arc};

use leptos::{prelude::*, task::spawn_local};
use portreeve_contract::{
    FileId,
    file::{File, FileChange, FileStatus, NewFileLink},
};
use wasm_bindgen::JsCast;
use web_sys::HtmlAnchorElement;

use super::{queue::Queue, words::told};
use crate::{
    api,
    browser::focus_within,
    components::{
        dialog::{Dialog, Question, Run},
        toast::Toasts,
    },
    error::ApiError,
};

/// What the lines share: the page's dialogs, what is selected, what can be taken back, and what to do afterwards.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// The one that gets another name.
    pub(crate) renaming: RwSignal<Option<File>>,
    /// Those that are about to end for good, once that is confirmed.
    pub(crate) ending: RwSignal<Vec<File>>,
    /// Those that have just been thrown away.
    pub(crate) thrown_away: RwSignal<Vec<File>>,
    /// Those that the next action is about.
    pub(crate) selected: RwSignal<BTreeSet<FileId>>,
    /// Loads again.
    pub(crate) changed: Callback<()>,
    /// Goes on after something has ended for good.
    pub(crate) ended: Callback<()>,
}

impl Desk {
    /// With nothing on it.
    pub(crate) fn new(changed: Callback<()>, ended: Callback<()>) -> Self {
        Self {
            renaming: RwSignal::new(None),
            ending: RwSignal::new(Vec::new()),
            thrown_away: RwSignal::new(Vec::new()),
            selected: RwSignal::new(BTreeSet::new()),
            changed,
            ended,
        }
    }
}

/// Where a problem is told: beside what it is about, or in the corner if that has gone meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Tell {
    beside: Option<RwSignal<Option<String>>>,
    toasts: Toasts,
}

impl Tell {
    /// In the corner.
    pub(crate) fn here() -> Self {
        Self { beside: None, toasts: Toasts::here() }
    }

    /// Beside something.
    pub(crate) fn beside(problem: RwSignal<Option<String>>) -> Self {
        Self { beside: Some(problem), toasts: Toasts::here() }
    }

    fn nothing(self) {
        if let Some(problem) = self.beside {
            problem.try_set(None);
        }
    }

    fn problem(self, ApiError(refused): ApiError) {
        if self.beside.is_none_or(|problem| problem.try_set(Some(refused.title.clone())).is_some()) {
            self.toasts.say(refused.title);
        }
    }
}

/// Saves it on one's own disk.
pub(crate) fn download(file: &File, tell: Tell) {
    tell.nothing();
    let id = file.id;
    spawn_local(async move {
        match api::files::link(id, NewFileLink::default()).await {
            Ok(link) => save(&link.url),
            Err(error) => tell.problem(error),
        }
    });
}

/// By a link of its own, which unlike a navigation does not ask whether to leave the page.
pub(crate) fn save(url: &str) {
    if let Some(link) = document().create_element("a").ok().and_then(|element| element.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(url);
        link.set_download("");
        link.click();
    }
}

/// Into the trash, with the way back.
pub(crate) fn throw_away(files: Vec<File>, desk: Desk, tell: Tell) {
    tell.nothing();
    spawn_local(async move {
        let (done, problem) = change_each(files, true).await;
        if !done.is_empty() {
            let _ = desk.selected.try_update(BTreeSet::clear);
            let _ = desk.thrown_away.try_set(done);
            desk.changed.try_run(());
            // The line that had the focus goes.
            if let Some(body) = document().body() {
                focus_within(body.into(), ".thrown-away button");
            }
        }
        if let Some(error) = problem {
            tell.problem(error);
        }
    });
}

/// Out of the trash.
pub(crate) fn take_back(files: Vec<File>, desk: Desk, tell: Tell) {
    tell.nothing();
    spawn_local(async move {
        let (done, problem) = change_each(files, false).await;
        if !done.is_empty() {
            let _ = desk.selected.try_update(BTreeSet::clear);
            let _ = desk.thrown_away.try_set(Vec::new());
            desk.changed.try_run(());
            tell.toasts.say(told(&done, "is back.", "are back."));
        }
        if let Some(error) = problem {
            tell.problem(error);
        }
    });
}

/// One after the other, until one cannot be changed.
async fn change_each(files: Vec<File>, trashed: bool) -> (Vec<File>, Option<ApiError>) {
    let mut done = Vec::with_capacity(files.len());
    for file in files {
        let change = FileChange { trashed: Some(trashed), ..Default::default() };
        // Whatever its version: each step of storing it makes one, and none has anything to do with the trash.
        match api::files::update(file.id, None, change).await {
            Ok(file) => done.push(file),
            Err(error) => return (done, Some(error)),
        }
    }
    (done, None)
}

/// Asks before files end for good.
#[component]
pub(crate) fn Ending(desk: Desk) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || {
        if desk.ending.with(|files| !files.is_empty()) {
            open.set(true);
        }
    });
    Effect::new(move || {
        if !open.get() {
            desk.ending.set(Vec::new());
        }
    });
    let cancels = move || desk.ending.with(|files| files.iter().all(|file| file.status == FileStatus::Receiving));
    let title = Signal::derive(move || if cancels() { "Cancel the upload?" } else { "Delete for good?" }.to_owned());
    view! {
        <Dialog open title>
            {move || {
                let files = desk.ending.get_untracked();
                let (text, action, keep) = if untrack(cancels) {
                    let text = told(
                        &files,
                        "will not arrive. What has come of it is removed.",
                        "will not arrive. What has come of them is removed.",
                    );
                    (text, "Stop the upload", "Keep sending")
                } else {
                    let text = told(
                        &files,
                        "is erased at once. Nobody can bring it back.",
                        "are erased at once. Nobody can bring them back.",
                    );
                    (text, "Delete for good", "Keep")
                };
                let run: Arc<Run> = Arc::new(move || Box::pin(end_each(files.clone(), desk)));
                view! { <Question open text action kind="danger" keep run /> }
            }}
        </Dialog>
    }
}

async fn end_each(files: Vec<File>, desk: Desk) -> Result<String, ApiError> {
    for file in &files {
        // If this tab is sending it, nothing may begin it anew.
        if !Queue::here().cancel_address(&format!("/v1/uploads/{}", file.id)) {
            let ended = api::files::delete(file.id).await;
            desk.changed.try_run(());
            ended?;
        }
    }
    let _ = desk.selected.try_update(BTreeSet::clear);
    desk.ended.try_run(());
    let uploads = files.iter().all(|file| file.status == FileStatus::Receiving);
    Ok(if uploads { told(&files, "is cancelled.", "are cancelled.") } else { told(&files, "is gone for good.", "are gone for good.") })
}
