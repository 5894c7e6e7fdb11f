//! Another name for a file.

use leptos::prelude::*;
use portreeve_contract::file::{File, FileChange};

use super::actions::Desk;
use crate::{
    api,
    components::{
        button::Submit,
        dialog::Dialog,
        field::{Input, TextField},
        form::{Form, FormState},
        toast::Toasts,
    },
};

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
    let (id, version, before) = (file.id, file.version, file.name.clone());
    let submit = move || {
        let change = FileChange { name: Some(name.value()), ..Default::default() };
        let before = before.clone();
        form.submit([], async move {
            // Each step of storing it makes a version; only another name, given meanwhile, must not be written over.
            let now = api::files::find(id).await?;
            let version = if now.name == before { now.version } else { version };
            let file = api::files::update(id, Some(version), change).await?;
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
