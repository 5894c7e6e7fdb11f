//! `/admin/service-accounts`: the identities of machines, searched, sorted and paged by the server.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use portreeve_contract::{
    ErrorKind,
    service_account::{ServiceAccountPage, ServiceAccountQuery},
    size::grouped,
};

use super::{
    service_accounts_new::NewServiceAccount,
    service_accounts_query::{PATH, href, read},
    service_accounts_table::Table,
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

/// The list, and the way to another.
#[component]
pub(crate) fn ServiceAccounts() -> impl IntoView {
    needs_sign_in();
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(read));
    let (page, again) = latest(query, api::service_accounts::list);
    let who = Who::here();
    let search = Memo::new(move |_| query.with(|query| query.search.clone()));
    let to = Callback::new(move |search| href(&ServiceAccountQuery { search, cursor: None, ..query.get_untracked() }));
    view! {
        <Page title="Service accounts">
            <AdminTabs />
            <NeedsScript />
            <p class="lead">
                "Machines that act for themselves and for no person: a backup, a pipeline, another service. Each is known by its keys and cannot sign in."
            </p>
            <Transition>
                {
                    // Whoever may not see the list has nothing to search, and makes none.
                    let allowed = Memo::new(move |before| match page.get() {
                        Some(Err(ApiError(problem))) if problem.kind == ErrorKind::Forbidden => false,
                        Some(Ok(_)) => true,
                        _ => before == Some(&true) || who.is_admin(),
                    });
                    move || {
                        allowed
                            .get()
                            .then(|| {
                                view! {
                                    <Search label="Search service accounts" hint="Search by name or id" search to />
                                    <div class="actions">
                                        <NewServiceAccount />
                                    </div>
                                }
                            })
                    }
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
fn Listing(query: ServiceAccountQuery, page: ServiceAccountPage) -> impl IntoView {
    let count = match (page.total, query.search.is_empty()) {
        (1, true) => "1 service account".to_owned(),
        (total, true) => format!("{} service accounts", grouped(total)),
        (1, false) => format!("1 service account matches “{}”", query.search),
        (total, false) => format!("{} service accounts match “{}”", grouped(total), query.search),
    };
    let to = |cursor: Option<String>| cursor.map(|cursor| href(&ServiceAccountQuery { cursor: Some(cursor), ..query.clone() }));
    let (previous, next) = (to(page.previous), to(page.next));
    let (empty, searched) = (page.items.is_empty(), !query.search.is_empty());
    view! {
        <p class="hint number" role="status">
            {count}
        </p>
        {if empty {
            view! { <Nothing searched /> }.into_any()
        } else {
            view! { <Table query items=page.items /> }.into_any()
        }}
        <Pages previous next />
    }
}

#[component]
fn Nothing(searched: bool) -> impl IntoView {
    view! {
        <div class="empty">
            <Flags word="NONE" />
            {if searched {
                view! {
                    <p>"None matches. Try part of a name or of an id."</p>
                    <a href=PATH>"Show all"</a>
                }
                    .into_any()
            } else {
                view! { <p>"No machine has an identity of its own yet."</p> }.into_any()
            }}
        </div>
    }
}
