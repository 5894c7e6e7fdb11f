//! What an administrator can do about one user. Each asks first and says what it did.

use leptos::prelude::*;
use portreeve_contract::user::{Role, UserDetail, UserStatus};

use crate::{
    api,
    components::{button::Button, dialog::Confirm},
    error::ApiError,
};

/// The buttons and their questions.
#[component]
pub(crate) fn Actions(found: UserDetail, refetch: Callback<()>) -> impl IntoView {
    let UserDetail { user, last_admin, sessions, .. } = found;
    let (id, name) = (user.id, user.name);
    let done = move |text: String| {
        refetch.run(());
        Ok::<_, ApiError>(text)
    };
    let [ask_reset, ask_end, ask_role, ask_state] = std::array::from_fn(|_| RwSignal::new(false));
    let other_role = match user.role {
        Role::Member => Role::Admin,
        Role::Admin => Role::Member,
    };
    let promote = other_role == Role::Admin;
    let disabled = user.status == UserStatus::Disabled;

    let said = |text: String| StoredValue::new(text);
    let reset_said = said(format!("{name} gets a link that sets a new password."));
    let end_said = said(format!("{name} is signed out everywhere."));
    let role_said = said(format!("{name} is {} now.", if promote { "an administrator" } else { "a member" }));
    let state_said = said(format!("{name} {}", if disabled { "can sign in again." } else { "is disabled and signed out everywhere." }));

    let reset = move || async move {
        api::admin::send_reset_link(id).await?;
        done(reset_said.get_value())
    };
    let end = move || async move {
        api::admin::end_sessions(id).await?;
        done(end_said.get_value())
    };
    let change_role = move || async move {
        api::admin::change_role(id, other_role).await?;
        done(role_said.get_value())
    };
    let change_state = move || async move {
        if disabled {
            api::admin::enable_user(id).await?
        } else {
            api::admin::disable_user(id).await?
        };
        done(state_said.get_value())
    };
    view! {
        <section class="section" aria-labelledby="actions-heading">
            <div class="section-head">
                <h2 id="actions-heading">"Actions"</h2>
                <p>"They take effect at once."</p>
            </div>
            <div class="actions">
                <Button on_press=move || ask_reset.set(true)>"Send a reset link"</Button>
                {(!sessions.is_empty()).then(|| view! { <Button on_press=move || ask_end.set(true)>"End sessions"</Button> })}
                {(!last_admin)
                    .then(|| {
                        view! {
                            <Button on_press=move || {
                                ask_role.set(true);
                            }>{if promote { "Make administrator" } else { "Make member" }}</Button>
                            <Button kind=if disabled { "plain" } else { "danger" } on_press=move || ask_state.set(true)>
                                {if disabled { "Enable account" } else { "Disable account" }}
                            </Button>
                        }
                    })}
            </div>
            <Confirm
                open=ask_reset
                title="Send a reset link?"
                text="They get a message with a link that sets a new password. It works for 30 minutes."
                action="Send the link"
                kind="primary"
                run=reset
            />
            <Confirm
                open=ask_end
                title="End all sessions?"
                text="They are signed out on every device and have to sign in again."
                action="End the sessions"
                run=end
            />
            <Confirm
                open=ask_role
                title=if promote { "Make them an administrator?" } else { "Make them a member?" }
                text=if promote { "They will see every account and can disable them, yours too." } else { "They will only see their own account." }
                action=if promote { "Make administrator now" } else { "Make member now" }
                kind=if promote { "primary" } else { "danger" }
                run=change_role
            />
            <Confirm
                open=ask_state
                title=if disabled { "Enable the account?" } else { "Disable the account?" }
                text=if disabled { "They can sign in again." } else { "They are signed out everywhere and cannot sign in until you enable it again." }
                action=if disabled { "Enable it" } else { "Disable it" }
                kind=if disabled { "primary" } else { "danger" }
                run=change_state
            />
        </section>
    }
}
