//! Making a service account.

use leptos::{html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use portreeve_contract::{FieldError, service_account, user::Role};

use super::service_accounts_query::PATH;
use crate::{
    api,
    components::{
        button::{Button, Submit},
        dialog::Dialog,
        field::{Input, TextField},
        form::{Form, FormState},
        status::role_name,
    },
};

/// The button, and what it asks. Leads to the account that is made, since it is of no use without a key.
#[component]
pub(super) fn NewServiceAccount() -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Button kind="primary" on_press=move || open.set(true)>
            "Make a service account"
        </Button>
        <Dialog open title="Make a service account">
            <Ask />
        </Dialog>
    }
}

#[component]
fn Ask() -> impl IntoView {
    let form = FormState::new("service-account");
    let (name, role) = (Input::new("name"), NodeRef::<html::Select>::new());
    let navigate = use_navigate();
    let submit = move || {
        let admin = role.get_untracked().is_some_and(|role| role.value() == "admin");
        let new = service_account::NewServiceAccount { name: name.value(), role: if admin { Role::Admin } else { Role::Member } };
        let unnamed = new.name.trim().is_empty().then(|| FieldError::new("name", "required", "Give the service account a name."));
        let navigate = navigate.clone();
        form.submit([unnamed], async move {
            let made = api::service_accounts::create(new).await?;
            navigate(&format!("{PATH}/{}", made.id), NavigateOptions::default());
            Ok(())
        });
    };
    view! {
        <Form state=form on_submit=submit>
            <TextField input=name label="Name" autocomplete="off" hint="What the machine is called, such as “Nightly backup”." />
            <div class="field">
                <label for="service-account-role">"Role"</label>
                <select
                    id="service-account-role"
                    class="input"
                    name="role"
                    node_ref=role
                    aria-describedby="service-account-role-hint"
                >
                    <option value="member">{role_name(Role::Member)}</option>
                    <option value="admin">{role_name(Role::Admin)}</option>
                </select>
                <p class="hint" id="service-account-role-hint">
                    "A member reaches its own account and files. What its keys may be used for is said with each key."
                </p>
            </div>
            <div class="actions">
                <Submit>"Make the service account"</Submit>
            </div>
        </Form>
    }
}
