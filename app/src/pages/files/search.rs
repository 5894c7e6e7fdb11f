//! The search above the list.

use std::time::Duration;

use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use portreeve_contract::file::FileQuery;

use super::query::href;
use crate::browser::sleep;

/// Long enough that one types a word, short enough not to be noticed.
const PAUSE: Duration = Duration::from_millis(250);

/// Goes to the list as it is typed, after a pause.
#[component]
pub(crate) fn Search(query: Memo<FileQuery>) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let typed = StoredValue::new(0_u32);
    let navigate = use_navigate();
    let go = move || {
        let Some(input) = input.get_untracked() else { return };
        let before = query.get_untracked();
        let search = input.value().trim().to_owned();
        if search != before.search {
            let to = href(&FileQuery { search, cursor: None, ..before });
            navigate(&to, NavigateOptions { replace: true, scroll: false, ..Default::default() });
        }
    };
    let later = {
        let go = go.clone();
        move |_| {
            typed.update_value(|typed| *typed += 1);
            let (go, mine) = (go.clone(), typed.get_value());
            spawn_local(async move {
                sleep(PAUSE).await;
                if typed.try_get_value() == Some(mine) {
                    go();
                }
            });
        }
    };
    // Back and forward change the address: the field follows, unless somebody is typing in it.
    Effect::new(move || {
        let search = query.with(|query| query.search.clone());
        if let Some(input) = input.get() {
            let typing = document().active_element().is_some_and(|active| active.is_same_node(Some(&input)));
            if !typing {
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
                "Search files"
            </label>
            <input
                id="search"
                class="input"
                type="search"
                name="search"
                placeholder="Search by name"
                autocomplete="off"
                spellcheck="false"
                node_ref=input
                on:input=later
            />
        </form>
    }
}
