//! The end of the account.

use leptos::prelude::*;
use portreeve_contract::{FieldError, user::DeleteAccount};

use crate::{
    api,
    components::{
        button::{Button, Submit},
        dialog::Dialog,
        field::Input,
        form::{Form, FormState},
        password::PasswordField,
        toast::Toasts,
    },
    secret::Secret,
    session,
    time::day,
};

/// Asks for the password; for seven days, signing in keeps the account.
#[component]
pub(super) fn Delete() -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <section class="section" aria-labelledby="delete-heading">
            <div class="section-head">
                <h2 id="delete-heading">"Delete your account"</h2>
                <p>"You are signed out everywhere, and after seven days everything is erased. Until then, signing in keeps it."</p>
            </div>
            <div>
                <Button kind="danger" on_press=move || open.set(true)>
                    "Delete account"
                </Button>
            </div>
            <Dialog open title="Delete your account?">
                <p>"You will be signed out everywhere. Sign in within seven days to keep the account; after that it cannot be brought back."</p>
                <Ask open />
            </Dialog>
        </section>
    }
}

#[component]
fn Ask(open: RwSignal<bool>) -> impl IntoView {
    let state = FormState::new("delete");
    let password = Input::new("password");
    let toasts = Toasts::here();
    let submit = move || {
        let request = DeleteAccount { password: password.value() };
        let missing = request.password.is_empty().then(|| FieldError::new("password", "required", "Enter your password."));
        state.submit([missing], async move {
            let scheduled = api::users::delete_account(Secret(request)).await?;
            let _ = open.try_set(false);
            toasts.say(format!("Your account will be erased on {}. Sign in before then to keep it.", day(&scheduled.erase_at)));
            session::forget();
            Ok(())
        });
    };
    view! {
        <Form state on_submit=submit>
            <PasswordField input=password />
            <div class="actions">
                <Submit kind="danger">"Delete my account"</Submit>
                <Button on_press=move || open.set(false)>"Keep it"</Button>
            </div>
        </Form>
    }
}
