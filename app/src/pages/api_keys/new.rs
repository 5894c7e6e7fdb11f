//! Making a key.

use leptos::{html, prelude::*};
use portreeve_contract::{
    FieldError as Wrong,
    api_key::{NewApiKey, Scope},
};

use super::whose::Whose;
use crate::{
    components::{
        button::{Button, Submit},
        copy::{Copy, MadeText},
        dialog::Dialog,
        field::{FieldError, Input, TextField, described_by},
        form::{Form, FormState},
    },
    time::in_days,
};

/// How long a key may work: days, and in words.
const TERMS: [(u32, &str); 4] = [(30, "30 days"), (90, "90 days"), (365, "A year"), (0, "Until I revoke it")];
/// What is chosen unless one chooses otherwise.
const USUAL: u32 = 90;

/// The button, and what it asks.
#[component]
pub(super) fn NewKey(whose: Whose, of_admin: Signal<bool>, changed: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    let made = RwSignal::new(None::<String>);
    let press = move || {
        made.set(None);
        open.set(true);
    };
    view! {
        <Button on_press=press>"Make a key"</Button>
        <Dialog open title="Make a key">
            {move || match made.get() {
                Some(key) => view! { <Made key open /> }.into_any(),
                None => view! { <Ask whose of_admin made changed /> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Ask(whose: Whose, of_admin: Signal<bool>, made: RwSignal<Option<String>>, changed: Callback<()>) -> impl IntoView {
    let form = FormState::new("key");
    let (name, term) = (Input::new("name"), NodeRef::<html::Select>::new());
    let chosen = RwSignal::new(Vec::<Scope>::new());
    let submit = move || {
        let days = term.get_untracked().and_then(|term| term.value().parse::<u32>().ok()).unwrap_or(USUAL);
        let new = NewApiKey {
            name: name.value(),
            scopes: chosen.get_untracked(),
            expires_at: (days > 0).then(|| in_days(days)).flatten(),
            plan: None,
        };
        let nothing = new.scopes.is_empty().then(|| Wrong::new("scopes", "required", "Choose what the key is for."));
        let unnamed = new.name.trim().is_empty().then(|| Wrong::new("name", "required", "Give the key a name."));
        form.submit([unnamed, nothing], async move {
            let created = whose.create(new).await?;
            changed.try_run(());
            made.try_set(Some(created.key));
            Ok(())
        });
    };
    view! {
        <Form state=form on_submit=submit>
            <TextField input=name label="Name" autocomplete="off" hint="What the program is called, such as “Backup”." />
            <Scopes whose of_admin form chosen />
            <div class="field">
                <label for="key-term">"Works for"</label>
                <select id="key-term" class="input" name="term" node_ref=term>
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
            <div class="actions">
                <Submit>"Make the key"</Submit>
            </div>
        </Form>
    }
}

/// What the key is for.
#[component]
fn Scopes(whose: Whose, of_admin: Signal<bool>, form: FormState, chosen: RwSignal<Vec<Scope>>) -> impl IntoView {
    let tick = move |scope: Scope| {
        chosen.update(|chosen| match chosen.iter().position(|it| *it == scope) {
            Some(at) => drop(chosen.remove(at)),
            None => chosen.push(scope),
        });
    };
    let boxes = move || {
        let offered = whose.scopes(of_admin.get()).iter();
        offered
            .map(|&scope| {
                view! {
                    <label class="choice">
                        <input type="checkbox" name="scopes" value=scope.as_str() on:change=move |_| tick(scope) />
                        <span>{whose.in_words(scope)}</span>
                    </label>
                }
            })
            .collect_view()
    };
    view! {
        <fieldset class="choices" aria-describedby=described_by(form, "scopes", None)>
            <legend>"What it is for"</legend>
            <Transition>{boxes}</Transition>
            <FieldError form name="scopes" />
        </fieldset>
    }
}

/// The key, told this once.
#[component]
fn Made(key: String, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <p id="key-once">"Copy it now: it is not shown again."</p>
        <MadeText id="key-made" label="The key is ready" text=key.clone() described_by="key-once" />
        <div class="actions">
            <Copy text=key what="The key" kind="primary" in_dialog=true>
                "Copy the key"
            </Copy>
            <Button on_press=move || open.set(false)>"Done"</Button>
        </div>
    }
}
