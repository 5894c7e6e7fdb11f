//! `/admin/service-accounts/{id}`: one identity of a machine, and its keys.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use portreeve_contract::{
    ErrorKind, Problem, UserId,
    service_account::ServiceAccount as Account,
    user::{Access, Role},
};

use super::{service_account_actions::Actions, service_accounts_query::PATH};
use crate::{
    api,
    components::{
        guard::needs_sign_in,
        layout::{NeedsScript, Page},
        load::Load,
        status::{AccessChip, role_name},
        time::Time,
    },
    error::ApiError,
    pages::api_keys::{HEADING, Keys, Whose},
};

/// What it is, by which keys it is known, and what can be done about it.
#[component]
pub(crate) fn ServiceAccount() -> impl IntoView {
    needs_sign_in();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<UserId>().ok()));
    let account = LocalResource::new(move || {
        let id = id.get();
        async move {
            match id {
                Some(id) => api::service_accounts::find(id).await,
                None => Err(ApiError(Problem::new(ErrorKind::NotFound, "not_found", "There is no such service account."))),
            }
        }
    });
    let title = RwSignal::new("Service account".to_owned());
    view! {
        <Page title=title above=(PATH, "Service accounts")>
            <NeedsScript />
            <Load read=move || account.get() retry=move || account.refetch() lines=6 let:found>
                {move || {
                    let account = found.get();
                    title.set(account.name.clone());
                    view! { <Facts account /> }
                }}
                <KeysOf found />
                <Actions found refetch=Callback::new(move |()| account.refetch()) />
            </Load>
        </Page>
    }
}

#[component]
fn Facts(account: Account) -> impl IntoView {
    let off = account.status == Access::Disabled;
    view! {
        <section class="section" aria-labelledby="what-heading">
            <div class="section-head">
                <h2 id="what-heading">"Service account"</h2>
                <p>"A machine that acts for itself. It cannot sign in."</p>
            </div>
            <dl class="facts">
                <dt>"State"</dt>
                <dd>
                    <AccessChip access=account.status />
                    {off.then(|| view! { <p class="hint">"Its keys open nothing until it is enabled again."</p> })}
                </dd>
                <dt>"Role"</dt>
                <dd>{role_name(account.role)}</dd>
                <dt>"Since"</dt>
                <dd>
                    <Time at=account.created_at />
                </dd>
                <dt>"Id"</dt>
                <dd class="code">{account.id.to_string()}</dd>
            </dl>
        </section>
    }
}

#[component]
fn KeysOf(found: Signal<Account>) -> impl IntoView {
    let whose = Whose::ServiceAccount(found.with_untracked(|account| account.id));
    let of_admin = Signal::derive(move || found.with(|account| account.role == Role::Admin));
    view! {
        <section class="section" aria-labelledby=HEADING>
            <div class="section-head">
                <h2 id=HEADING tabindex="-1">"Keys"</h2>
                <p>"Whoever has one is this service account, as far as the key reaches."</p>
            </div>
            <Keys whose of_admin />
        </section>
    }
}
