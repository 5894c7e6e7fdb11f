//! `/admin/users`: everyone, searched, sorted and paged by the server.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use portreeve_contract::{
    ErrorKind,
    size::grouped,
    user::{UserPage, UserQuery},
};

use super::{
    query::{href, read},
    users_table::Table,
};
use crate::{
    api,
    components::{
        flags::Flags,
        guard::needs_sign_in,
        layout::{AdminTabs, NeedsScript, Page},
        load::Load,
        pages::Pages,
        search::Search,
    },
    error::ApiError,
    latest::latest,
    who::Who,
};

/// The list.
#[component]
pub(crate) fn Users() -> impl IntoView {
    needs_sign_in();
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(read));
    let (page, again) = latest(query, api::admin::list_users);
    let who = Who::here();
    let search = Memo::new(move |_| query.with(|query| query.search.clone()));
    let to = Callback::new(move |search| href(&UserQuery { search, cursor: None, ..query.get_untracked() }));
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
                    move || searches.get().then(|| view! { <Search label="Search users" hint="Search by name or address" search to /> })
                }
            </Transition>
            <Load read=move || page.get() retry=move || again.run(()) lines=8 let:answer>
                {move || {
                    let (query, page) = answer.get();
                    view! { <Listing query page /> }
                }}
            </Load>
        </Page>
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
        <Pages previous next />
    }
}

#[component]
fn Nobody() -> impl IntoView {
    view! {
        <div class="empty">
            <Flags word="NONE" />
            <p>"Nobody matches. Try part of a name or of an address."</p>
            <a href=super::query::PATH>"Show everyone"</a>
        </div>
    }
}
