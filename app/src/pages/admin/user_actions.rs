//! What an administrator can do about one user. Each asks first and says what it did.

use leptos::prelude::*;
use portreeve_contract::user::{Access, Role, UserChange, UserDetail, UserStatus};

use crate::{api, components::dialog::Action};

/// The buttons and their questions.
#[component]
pub(crate) fn Actions(found: Signal<UserDetail>, refetch: Callback<()>) -> impl IntoView {
    let id = found.with_untracked(|found| found.user.id);
    // Asked for before anything is awaited: the page may be left meanwhile, and its signals with it.
    let name = move || found.with_untracked(|found| found.user.name.clone());
    let promotes = move || found.with(|found| found.user.role == Role::Member);
    let enables = move || found.with(|found| found.user.status == UserStatus::Disabled);
    let last_admin = move || found.with(|found| found.last_admin);

    let reset = move || {
        let name = name();
        async move {
            api::admin::send_reset_link(id).await?;
            Ok(format!("{name} gets a link that sets a new password."))
        }
    };
    let end = move || {
        let name = name();
        async move {
            api::admin::end_sessions(id).await?;
            refetch.try_run(());
            Ok(format!("{name} is signed out everywhere."))
        }
    };
    let change_role = move || {
        let name = name();
        let (role, is) = if untrack(promotes) { (Role::Admin, "an administrator") } else { (Role::Member, "a member") };
        async move {
            api::admin::update_user(id, UserChange { role: Some(role), status: None }).await?;
            refetch.try_run(());
            Ok(format!("{name} is {is} now."))
        }
    };
    let change_state = move || {
        let (name, enable) = (name(), untrack(enables));
        async move {
            let (status, said) =
                if enable { (Access::Active, "can sign in again.") } else { (Access::Disabled, "is disabled and signed out everywhere.") };
            api::admin::update_user(id, UserChange { role: None, status: Some(status) }).await?;
            refetch.try_run(());
            Ok(format!("{name} {said}"))
        }
    };
    let role = Signal::derive(move || if promotes() { "Make administrator" } else { "Make member" }.to_owned());
    let ask_role = Signal::derive(move || if promotes() { "Make them an administrator?" } else { "Make them a member?" }.to_owned());
    let of_role = Signal::derive(move || {
        if promotes() { "They will see every account and can disable them, yours too." } else { "They will only see their own account." }
            .to_owned()
    });
    let state = Signal::derive(move || if enables() { "Enable account" } else { "Disable account" }.to_owned());
    let ask_state = Signal::derive(move || if enables() { "Enable this account?" } else { "Disable this account?" }.to_owned());
    let of_state = Signal::derive(move || {
        if enables() {
            "They can sign in again."
        } else {
            "They are signed out everywhere and cannot sign in until you enable the account again."
        }
        .to_owned()
    });
    view! {
        <section class="section" aria-labelledby="actions-heading">
            <div class="section-head">
                <h2 id="actions-heading">"Actions"</h2>
                <p>"They take effect at once."</p>
            </div>
            <div class="actions">
                <Action
                    title="Send a reset link?"
                    text="They get a message with a link that sets a new password. It works for 30 minutes."
                    action="Send the link"
                    kind="primary"
                    run=reset
                >
                    "Send a reset link"
                </Action>
                <Action
                    title="End all sessions?"
                    text="They are signed out on every device and have to sign in again."
                    action="End the sessions"
                    run=end
                >
                    "End sessions"
                </Action>
                <Show when=move || !last_admin()>
                    <Action title=ask_role text=of_role action=role kind="primary" run=change_role>
                        {role}
                    </Action>
                    <Action look="danger" title=ask_state text=of_state action=state run=change_state>
                        {state}
                    </Action>
                </Show>
            </div>
        </section>
    }
}
