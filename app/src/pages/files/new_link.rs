//! Making a link that opens a file without an account.

use leptos::{html, prelude::*};
use portreeve_contract::{
    ErrorKind, FieldError, FileId, Problem,
    file::{File, FileStatus, NewShare},
};

use crate::{
    api,
    components::{
        button::{Button, Submit},
        copy::{Copy, MadeText},
        dialog::Dialog,
        field::{Input, TextField},
        form::{Form, FormState},
    },
    error::ApiError,
    secret::Secret,
    time::in_days,
};

/// How long a link may work: days, and in words.
const TERMS: [(u32, &str); 4] = [(1, "1 day"), (7, "7 days"), (30, "30 days"), (0, "Until I revoke it")];
/// What is chosen unless one chooses otherwise: long enough for a holiday, and nothing is forgotten for ever.
const USUAL: u32 = 7;

/// The button, and what it asks.
#[component]
pub(crate) fn NewLink(file: Memo<File>, changed: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    let made = RwSignal::new(None::<String>);
    let stored = Memo::new(move |_| file.with(|file| file.status == FileStatus::Stored));
    let press = move || {
        made.set(None);
        open.set(true);
    };
    view! {
        <Show
            when=move || stored.get()
            fallback=|| view! { <p class="hint">"You can share it as soon as it is stored."</p> }
        >
            <Button on_press=press>"Share by link"</Button>
        </Show>
        <Dialog open title="Share by link">
            {move || match made.get() {
                Some(url) => view! { <Made url open /> }.into_any(),
                None => view! { <Ask id=file.with_untracked(|file| file.id) made changed /> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Ask(id: FileId, made: RwSignal<Option<String>>, changed: Callback<()>) -> impl IntoView {
    let form = FormState::new("share");
    let term = NodeRef::<html::Select>::new();
    let (password, downloads) = (Input::new("password"), Input::new("max_downloads"));
    let submit = move || {
        let days = term.get_untracked().and_then(|term| term.value().parse::<u32>().ok()).unwrap_or(USUAL);
        let (password, downloads) = (password.value(), downloads.value());
        let limit = downloads.trim().parse::<u32>();
        let wrong = (!downloads.trim().is_empty() && limit.is_err())
            .then(|| FieldError::new("max_downloads", "malformed", "Use a whole number, such as 5, or leave it empty."));
        let new = NewShare {
            expires_at: (days > 0).then(|| in_days(days)).flatten(),
            password: Some(password).filter(|password| !password.is_empty()),
            max_downloads: limit.ok(),
        };
        form.submit([wrong], async move {
            let share = api::files::share(id, Secret(new)).await?;
            changed.try_run(());
            let missing = || ApiError(Problem::new(ErrorKind::Internal, "internal", "The link is made. Copy it from the list."));
            made.try_set(Some(share.url.ok_or_else(missing)?));
            Ok(())
        });
    };
    view! {
        <Form state=form on_submit=submit>
            <div class="field">
                <label for="share-term">"Works for"</label>
                <select id="share-term" class="input" name="term" node_ref=term>
                    {TERMS
                        .map(|(days, label)| {
                            view! {
                                <option value=days.to_string() selected=days == USUAL>
                                    {label}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </div>
            <TextField
                input=password
                label="Password, if you want one"
                autocomplete="off"
                optional=true
                hint="Tell it by another way than the link."
            />
            <TextField input=downloads label="Downloads at most, if you want a limit" autocomplete="off" optional=true />
            <div class="actions">
                <Submit>"Make the link"</Submit>
            </div>
        </Form>
    }
}

/// The link, to be sent on.
#[component]
fn Made(url: String, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <MadeText id="share-url" label="The link is ready" text=url.clone() />
        <div class="actions">
            <Copy text=url what="The link" kind="primary" in_dialog=true>
                "Copy the link"
            </Copy>
            <Button on_press=move || open.set(false)>"Done"</Button>
        </div>
    }
}
