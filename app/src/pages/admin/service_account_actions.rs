//! What an administrator can do about one service account. Each asks first and says what it did.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use portreeve_contract::{
    service_account::{ServiceAccount, ServiceAccountChange},
    user::{Access, Role},
};

use super::service_accounts_query::PATH;
use crate::{
    api,
    components::{
        button::{Button, Submit},
        dialog::{Action, Dialog},
        field::{Input, TextField},
        form::{Form, FormState},
        toast::Toasts,
    },
};

/// The buttons and their questions.
#[component]
pub(super) fn Actions(found: Signal<ServiceAccount>, refetch: Callback<()>) -> impl IntoView {
    let id = found.with_untracked(|found| found.id);
    // Asked for before anything is awaited: the page may be left meanwhile, and its signals with it.
    let name = move || found.with_untracked(|found| found.name.clone());
    let promotes = move || found.with(|found| found.role == Role::Member);
    let enables = move || found.with(|found| found.status == Access::Disabled);
    let change = move |change: ServiceAccountChange, said: &'static str| {
        let said = format!("{} {said}", name());
        async move {
            api::service_accounts::update(id, change).await?;
            refetch.try_run(());
            Ok(said)
        }
    };
    let change_role = move || {
        let (role, said) = if untrack(promotes) { (Role::Admin, "is an administrator now.") } else { (Role::Member, "is a member now.") };
        change(ServiceAccountChange { role: Some(role), ..ServiceAccountChange::default() }, said)
    };
    let change_state = move || {
        let (status, said) =
            if untrack(enables) { (Access::Active, "is enabled.") } else { (Access::Disabled, "is disabled. Its keys are refused.") };
        change(ServiceAccountChange { status: Some(status), ..ServiceAccountChange::default() }, said)
    };
    let navigate = StoredValue::new_local(use_navigate());
    let delete = move || {
        let said = format!("{} is deleted.", name());
        async move {
            api::service_accounts::delete(id).await?;
            navigate.try_with_value(|navigate| navigate(PATH, NavigateOptions::default()));
            Ok(said)
        }
    };
    let one_of = |on: bool, yes: &'static str, no: &'static str| if on { yes } else { no }.to_owned();
    let role = Signal::derive(move || one_of(promotes(), "Make administrator", "Make member"));
    let ask_role = Signal::derive(move || one_of(promotes(), "Make it an administrator?", "Make it a member?"));
    let of_role = Signal::derive(move || {
        one_of(
            promotes(),
            "Keys that are for everyone’s accounts, or for the stream, open them from now on.",
            "Its keys only reach its own account and files, whatever else they are for.",
        )
    });
    let state = Signal::derive(move || one_of(enables(), "Enable account", "Disable account"));
    let ask_state = Signal::derive(move || one_of(enables(), "Enable this account?", "Disable this account?"));
    let of_state = Signal::derive(move || {
        one_of(enables(), "Its keys work again.", "All its keys are refused until you enable the account again. Nothing is lost.")
    });
    view! {
        <section class="section" aria-labelledby="actions-heading">
            <div class="section-head">
                <h2 id="actions-heading">"Actions"</h2>
                <p>"They take effect at once."</p>
            </div>
            <div class="actions">
                <Rename found refetch />
                <Action title=ask_role text=of_role action=role kind="primary" run=change_role>
                    {role}
                </Action>
                <Action look="danger" title=ask_state text=of_state action=state run=change_state>
                    {state}
                </Action>
                <Action
                    look="danger"
                    title="Delete this service account?"
                    text="Its keys are refused from now on, and its files are erased. This cannot be undone."
                    action="Delete the service account"
                    keep="Keep it"
                    run=delete
                >
                    "Delete"
                </Action>
            </div>
        </section>
    }
}

#[component]
fn Rename(found: Signal<ServiceAccount>, refetch: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Button on_press=move || open.set(true)>"Rename"</Button>
        <Dialog open title="Rename">
            <RenameForm found refetch open />
        </Dialog>
    }
}

#[component]
fn RenameForm(found: Signal<ServiceAccount>, refetch: Callback<()>, open: RwSignal<bool>) -> impl IntoView {
    let form = FormState::new("rename");
    let name = Input::new("name");
    let toasts = Toasts::here();
    let (id, value) = found.with_untracked(|found| (found.id, found.name.clone()));
    let submit = move || {
        let change = ServiceAccountChange { name: Some(name.value()), ..ServiceAccountChange::default() };
        form.submit([], async move {
            let renamed = api::service_accounts::update(id, change).await?;
            let _ = open.try_set(false);
            refetch.try_run(());
            toasts.say(format!("It is called {} now.", renamed.name));
            Ok(())
        });
    };
    view! {
        <Form state=form on_submit=submit>
            <TextField input=name label="Name" autocomplete="off" value=value />
            <div class="actions">
                <Submit>"Rename"</Submit>
            </div>
        </Form>
    }
}
