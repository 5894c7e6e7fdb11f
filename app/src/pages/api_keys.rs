//! `/account/api-keys`: keys for programs that act for their owner.

mod new;

use leptos::prelude::*;
use portreeve_contract::api_key::{ApiKey, Scope};

use self::new::NewKey;
use crate::{
    api,
    browser::focus_id,
    components::{
        banner::Unverified,
        dialog::Action,
        guard::needs_sign_in,
        layout::{AccountTabs, NeedsScript, Page},
        load::Load,
        status::Chip,
        time::Time,
    },
    time::is_past,
};

const HEADING: &str = "keys-heading";

/// Every key, the way to another, and the end of each.
#[component]
pub(crate) fn ApiKeys() -> impl IntoView {
    needs_sign_in();
    let keys = LocalResource::new(api::api_keys::list);
    let changed = Callback::new(move |()| keys.refetch());
    view! {
        <Page title="API keys">
            <AccountTabs />
            <NeedsScript />
            <Unverified />
            <section class="section" aria-labelledby=HEADING>
                <div class="section-head">
                    <h2 id=HEADING tabindex="-1">"Your keys"</h2>
                    <p>
                        "A program that has one acts for you, as far as the key reaches. What it can ask for is told in the "
                        <a href="/docs" rel="external">
                            "API reference"
                        </a> "."
                    </p>
                </div>
                <div>
                    <Load read=move || keys.get() retry=move || keys.refetch() lines=3 let:keys>
                        <ul class="rows">
                            <For each=move || keys.get() key=|key| key.id let:key>
                                <Row key changed />
                            </For>
                        </ul>
                        <Show when=move || keys.with(Vec::is_empty)>
                            <p class="hint">"No program acts for you."</p>
                        </Show>
                    </Load>
                    <div class="actions">
                        <NewKey changed />
                    </div>
                </div>
            </section>
        </Page>
    }
}

#[component]
fn Row(key: ApiKey, changed: Callback<()>) -> impl IntoView {
    let ApiKey { id, name, scopes, hint, created_at, expires_at, last_used_at, .. } = key;
    let over = expires_at.as_ref().is_some_and(is_past);
    let said = format!("The key {name} is revoked.");
    let revoke = move || {
        let said = said.clone();
        async move {
            let revoked = api::api_keys::revoke(id).await;
            changed.try_run(());
            revoked?;
            // The button that asked is about to go.
            focus_id(HEADING);
            Ok(said)
        }
    };
    let may = scopes.iter().map(|scope| in_words(*scope)).collect::<Vec<_>>().join(". ");
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <strong>{name.clone()}</strong>
                    <code class="code">{format!("prv_…{hint}")}</code>
                    {over.then(|| view! { <Chip kind="plain" text="Expired" /> })}
                </p>
                <p>{may} "."</p>
                <p class="hint">
                    "Made "
                    <Time at=created_at />
                    {match last_used_at {
                        Some(at) => view! { ", last used " <Time at /> }.into_any(),
                        None => ", not used yet".into_any(),
                    }}
                    {expires_at.filter(|_| !over).map(|at| view! { ", ends " <Time at /> })}
                    "."
                </p>
            </div>
            <Action
                look="quiet"
                title="Revoke this key?"
                text="Programs that have it are refused from now on. A key that is revoked does not come back."
                action="Revoke the key"
                keep="Keep it"
                run=revoke
            >
                "Revoke"
                <span class="visually-hidden">{format!(" {name}")}</span>
            </Action>
        </li>
    }
}

/// What a scope lets a program do.
pub(super) const fn in_words(scope: Scope) -> &'static str {
    match scope {
        Scope::AccountRead => "See your account",
        Scope::AccountWrite => "Edit your profile",
        Scope::FilesRead => "List and download files",
        Scope::FilesWrite => "Upload, edit, share and erase files",
        Scope::UsersRead => "See everyone’s accounts",
        Scope::UsersWrite => "Edit everyone’s accounts",
        Scope::StreamRead => "Look at the stream",
        Scope::StreamWrite => "Replay, redrive and drop events",
        Scope::UpstreamsCall => "Call the services behind the gateway",
    }
}
