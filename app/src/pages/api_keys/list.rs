//! Keys, the way to another, and the end of each.

use leptos::prelude::*;
use portreeve_contract::api_key::ApiKey;

use super::{new::NewKey, whose::Whose};
use crate::{
    browser::focus_id,
    components::{dialog::Action, load::Load, status::Chip, time::Time},
    time::is_past,
};

/// The id of the heading above the list, which takes the focus when a key is gone.
pub(crate) const HEADING: &str = "keys-heading";

/// Every key of somebody's.
#[component]
pub(crate) fn Keys(
    /// Whose.
    whose: Whose,
    /// Whether that is an administrator.
    #[prop(into)]
    of_admin: Signal<bool>,
) -> impl IntoView {
    let keys = LocalResource::new(move || whose.list());
    let changed = Callback::new(move |()| keys.refetch());
    view! {
        <div>
            <Load read=move || keys.get() retry=move || keys.refetch() lines=3 let:keys>
                <ul class="rows">
                    <For each=move || keys.get() key=|key| key.id let:key>
                        <Row key whose changed />
                    </For>
                </ul>
                <Show when=move || keys.with(Vec::is_empty)>
                    <p class="hint">{whose.none()}</p>
                </Show>
            </Load>
            <div class="actions">
                <NewKey whose of_admin changed />
            </div>
        </div>
    }
}

#[component]
fn Row(key: ApiKey, whose: Whose, changed: Callback<()>) -> impl IntoView {
    let ApiKey { id, name, scopes, hint, created_at, expires_at, last_used_at, .. } = key;
    let over = expires_at.as_ref().is_some_and(is_past);
    let said = format!("The key {name} is revoked.");
    let revoke = move || {
        let said = said.clone();
        async move {
            let revoked = whose.revoke(id).await;
            changed.try_run(());
            revoked?;
            // The button that asked is about to go.
            focus_id(HEADING);
            Ok(said)
        }
    };
    let may = scopes.iter().map(|scope| whose.in_words(*scope)).collect::<Vec<_>>().join(". ");
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
