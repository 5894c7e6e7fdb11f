//! The search above a list: the address holds what is searched for, and the server does the searching.

use std::time::Duration;

use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::browser::sleep;

/// Long enough that one types a word, short enough not to be noticed.
const PAUSE: Duration = Duration::from_millis(250);

/// Goes to the list as it is typed, after a pause.
#[component]
pub(crate) fn Search(
    /// What it is for.
    label: &'static str,
    /// What can be typed.
    hint: &'static str,
    /// What is searched for now.
    #[prop(into)]
    search: Signal<String>,
    /// The address of the list that is searched for this.
    to: Callback<String, String>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let typed = StoredValue::new(0_u32);
    // Whether what is in the field is still to be searched for.
    let pending = StoredValue::new(false);
    let navigate = use_navigate();
    let go = move || {
        let Some(input) = input.get_untracked() else { return };
        pending.set_value(false);
        let text = input.value().trim().to_owned();
        if text != search.get_untracked() {
            navigate(&to.run(text), NavigateOptions { replace: true, scroll: false, ..Default::default() });
        }
    };
    let later = {
        let go = go.clone();
        move |_| {
            typed.update_value(|typed| *typed += 1);
            pending.set_value(true);
            let (go, mine) = (go.clone(), typed.get_value());
            spawn_local(async move {
                sleep(PAUSE).await;
                if typed.try_get_value() == Some(mine) {
                    go();
                }
            });
        }
    };
    // Back and forward change the address: the field follows, unless somebody types on.
    Effect::new(move || {
        let search = search.get();
        if let Some(input) = input.get() {
            // What says the same stays, with the blank at its end that somebody is about to go on behind.
            if !pending.get_value() && input.value().trim() != search {
                input.set_value(&search);
            }
        }
    });
    view! {
        <form
            class="search"
            role="search"
            on:submit=move |event| {
                event.prevent_default();
                go();
            }
        >
            <label class="visually-hidden" for="search">
                {label}
            </label>
            <input
                id="search"
                class="input"
                type="search"
                name="search"
                placeholder=hint
                autocomplete="off"
                spellcheck="false"
                node_ref=input
                on:input=later
            />
        </form>
    }
}
