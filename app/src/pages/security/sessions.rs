//! Where one is signed in.

use leptos::prelude::*;
use portreeve_contract::session::Session;

use crate::{
    api,
    browser::focus_id,
    components::{dialog::Action, load::Load, status::Chip, time::Time},
    session,
};

const HEADING: &str = "sessions-heading";

/// Every signed-in device, and the ways to sign it out.
#[component]
pub(super) fn Sessions(
    /// Set when sessions have ended.
    changed: RwSignal<u32>,
) -> impl IntoView {
    let sessions = LocalResource::new(move || {
        changed.track();
        api::sessions::list()
    });
    let end_others = move || async move {
        api::sessions::revoke_others().await?;
        changed.update(|times| *times += 1);
        Ok("Your other devices are signed out.".to_owned())
    };
    let end_all = || async {
        api::sessions::revoke_all().await?;
        session::forget();
        Ok("You are signed out everywhere.".to_owned())
    };
    view! {
        <section class="section" aria-labelledby=HEADING>
            <div class="section-head">
                <h2 id=HEADING tabindex="-1">"Where you are signed in"</h2>
                <p>"Something you do not know? Sign it out, then change your password."</p>
            </div>
            <div>
                <Load read=move || sessions.get() retry=move || sessions.refetch() lines=4 let:list>
                    <List list changed />
                </Load>
                <div class="actions">
                    <Action
                        title="Sign out your other devices?"
                        text="Whoever uses them has to sign in again. This device stays signed in."
                        action="Sign out the others"
                        run=end_others
                    >
                        "Sign out other devices"
                    </Action>
                    <Action
                        title="Sign out everywhere?"
                        text="Every device has to sign in again, this one too."
                        action="Sign out all devices"
                        run=end_all
                    >
                        "Sign out everywhere"
                    </Action>
                </div>
            </div>
        </section>
    }
}

#[component]
fn List(list: Signal<Vec<Session>>, changed: RwSignal<u32>) -> impl IntoView {
    view! { <ul class="rows">{move || list.get().into_iter().map(|session| view! { <Row session changed /> }).collect_view()}</ul> }
}

#[component]
fn Row(session: Session, changed: RwSignal<u32>) -> impl IntoView {
    let Session { id, device, address, first_seen, last_seen, current } = session;
    let said = format!("{device} is signed out.");
    let end = move || {
        let said = said.clone();
        async move {
            api::sessions::revoke(id).await?;
            changed.update(|times| *times += 1);
            // The button that asked is about to go.
            focus_id(HEADING);
            Ok(said)
        }
    };
    let text = format!("{device} has to sign in again.");
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <strong>{device.clone()}</strong>
                    {current.then(|| view! { <Chip kind="signal" text="This device" /> })}
                </p>
                <p class="hint">
                    "Seen "
                    <Time at=last_seen />
                    " from "
                    <span class="number">{address}</span>
                    ", signed in "
                    <Time at=first_seen />
                </p>
            </div>
            {(!current)
                .then(|| {
                    view! {
                        <Action look="quiet" title="Sign this device out?" text action="Sign it out" run=end>
                            "Sign out"
                            <span class="visually-hidden">{format!(" {device}")}</span>
                        </Action>
                    }
                })}
        </li>
    }
}
