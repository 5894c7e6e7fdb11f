//! `/admin/users/{id}`: one user.

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_params_map};
use portreeve_contract::{ErrorKind, Problem, UserId, session::Session, user::UserDetail};

use super::{query::PATH, user_actions::Actions};
use crate::{
    api,
    components::{
        guard::needs_sign_in,
        layout::{NeedsScript, Page},
        load::Load,
        status::{Chip, StatusChip, role_name},
        time::Time,
    },
    error::ApiError,
};

/// Who they are, where they are signed in, and what can be done about it.
#[component]
pub(crate) fn User() -> impl IntoView {
    needs_sign_in();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<UserId>().ok()));
    let detail = LocalResource::new(move || {
        let id = id.get();
        async move {
            match id {
                Some(id) => api::admin::user(id).await,
                None => Err(ApiError(Problem::new(ErrorKind::NotFound, "not_found", "There is no such user."))),
            }
        }
    });
    view! {
        <Page title="User">
            <p class="back">
                <A href=PATH>"All users"</A>
            </p>
            <NeedsScript />
            <Load read=move || detail.get() retry=move || detail.refetch() lines=6 let:found>
                {move || {
                    let detail = found.get();
                    view! {
                        <Facts detail=detail.clone() />
                        <Sessions list=detail.sessions />
                    }
                }}
                <Actions found refetch=Callback::new(move |()| detail.refetch()) />
            </Load>
        </Page>
    }
}

#[component]
fn Facts(detail: UserDetail) -> impl IntoView {
    let UserDetail { user, erase_at, last_admin, .. } = detail;
    view! {
        <section class="section" aria-labelledby="who-heading">
            <div class="section-head">
                <h2 id="who-heading">{user.name}</h2>
                <p class="email">{user.email}</p>
            </div>
            <dl class="facts">
                <dt>"State"</dt>
                <dd>
                    <StatusChip status=user.status />
                    {erase_at.map(|at| view! { <p class="hint">"Will be erased " <Time at />", unless they sign in before."</p> })}
                </dd>
                <dt>"Address"</dt>
                <dd>
                    {if user.email_verified {
                        view! { <Chip kind="done" text="Confirmed" /> }
                    } else {
                        view! { <Chip kind="attention" text="Not confirmed" /> }
                    }}
                </dd>
                <dt>"Role"</dt>
                <dd>
                    {role_name(user.role)}
                    {last_admin
                        .then(|| {
                            view! {
                                <p class="hint">"The only administrator: can be neither disabled, demoted nor deleted until there is another."</p>
                            }
                        })}
                </dd>
                <dt>"Since"</dt>
                <dd>
                    <Time at=user.created_at />
                </dd>
                <dt>"Id"</dt>
                <dd class="code">{user.id.to_string()}</dd>
            </dl>
        </section>
    }
}

#[component]
fn Sessions(list: Vec<Session>) -> impl IntoView {
    let rows = list.into_iter().map(|session| {
        view! {
            <li class="row">
                <div class="row-main">
                    <p class="row-title">
                        <strong>{session.device}</strong>
                        {session.current.then(|| view! { <Chip kind="signal" text="This device" /> })}
                    </p>
                    <p class="hint">
                        "Seen "
                        <Time at=session.last_seen />
                        " from "
                        <span class="number">{session.address}</span>
                        ", signed in "
                        <Time at=session.first_seen />
                    </p>
                </div>
            </li>
        }
    });
    let rows = rows.collect_view();
    view! {
        <section class="section" aria-labelledby="user-sessions-heading">
            <div class="section-head">
                <h2 id="user-sessions-heading">"Sessions"</h2>
                <p>"Where they are signed in now."</p>
            </div>
            {if rows.is_empty() {
                view! { <p class="hint">"Not signed in anywhere."</p> }.into_any()
            } else {
                view! { <ul class="rows">{rows}</ul> }.into_any()
            }}
        </section>
    }
}
