//! `/admin/users`: everyone, searched, sorted and paged by the server.

use std::time::Duration;

use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_navigate, use_query_map},
};
use portreeve_contract::{
    ErrorKind,
    user::{UserPage, UserQuery},
};

use super::{
    query::{href, read},
    users_table::Table,
};
use crate::{
    api,
    browser::sleep,
    components::{
        flags::Flags,
        guard::needs_sign_in,
        layout::{AdminTabs, NeedsScript, Page},
        load::Load,
    },
    error::ApiError,
    who::Who,
};

/// Long enough that one types a word, short enough not to be noticed.
const PAUSE: Duration = Duration::from_millis(250);

/// The list.
#[component]
pub(crate) fn Users() -> impl IntoView {
    needs_sign_in();
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(read));
    let page = LocalResource::new(move || {
        let query = query.get();
        async move { api::admin::list_users(query.clone()).await.map(|page| (query, page)) }
    });
    let who = Who::here();
    view! {
        <Page title="Users">
            <AdminTabs />
            <NeedsScript />
            <Transition>
                {
                    // Whoever may not see the list has nothing to search.
                    let searches = Memo::new(move |before| match page.get() {
                        Some(Err(ApiError(problem))) if problem.kind == ErrorKind::Forbidden => false,
                        Some(Ok(_)) => true,
                        _ => before == Some(&true) || who.is_admin(),
                    });
                    move || searches.get().then(|| view! { <Search query /> })
                }
            </Transition>
            <Load read=move || page.get() retry=move || page.refetch() lines=8 let:answer>
                {move || {
                    let (query, page) = answer.get();
                    view! { <Listing query page /> }
                }}
            </Load>
        </Page>
    }
}

/// Goes to the list as it is typed, after a pause.
#[component]
fn Search(query: Memo<UserQuery>) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let typed = StoredValue::new(0_u32);
    let navigate = use_navigate();
    let go = move || {
        let Some(input) = input.get_untracked() else { return };
        let before = query.get_untracked();
        let search = input.value().trim().to_owned();
        if search != before.search {
            let to = href(&UserQuery { search, cursor: None, ..before });
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
                "Search users"
            </label>
            <input
                id="search"
                class="input"
                type="search"
                name="search"
                placeholder="Search by name or address"
                autocomplete="off"
                spellcheck="false"
                node_ref=input
                on:input=later
            />
        </form>
    }
}

#[component]
fn Listing(query: UserQuery, page: UserPage) -> impl IntoView {
    let count = match (page.total, query.search.is_empty()) {
        (1, true) => "1 person".to_owned(),
        (total, true) => format!("{} people", grouped(total)),
        (1, false) => format!("1 person matches “{}”", query.search),
        (total, false) => format!("{} people match “{}”", grouped(total), query.search),
    };
    let to = |cursor: Option<String>| cursor.map(|cursor| href(&UserQuery { cursor: Some(cursor), ..query.clone() }));
    let (previous, next) = (to(page.previous), to(page.next));
    let empty = page.items.is_empty();
    view! {
        <p class="hint number" role="status">
            {count}
        </p>
        {if empty {
            view! { <Nobody /> }.into_any()
        } else {
            view! { <Table query items=page.items /> }.into_any()
        }}
        <nav class="pages" aria-label="Pages">
            {previous.map(|href| view! { <A href attr:class="button" attr:data-kind="plain" attr:rel="prev">"Previous"</A> })}
            {next.map(|href| view! { <A href attr:class="button" attr:data-kind="plain" attr:rel="next">"Next"</A> })}
        </nav>
    }
}

#[component]
fn Nobody() -> impl IntoView {
    view! {
        <div class="empty">
            <Flags word="NONE" />
            <p>"Nobody matches. Try part of a name or of an address."</p>
            <A href=super::query::PATH>"Show everyone"</A>
        </div>
    }
}

/// Thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1\u{202f}000"), (1_234_567, "1\u{202f}234\u{202f}567")] {
            assert_eq!(super::grouped(number), text);
        }
    }
}
