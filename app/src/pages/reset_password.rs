//! `/reset-password`: a new password by a link.

use leptos::prelude::*;
use leptos_router::components::A;
use portreeve_contract::{
    auth::{self, Link, LinkPurpose},
    password::check_length,
    site::Site,
};

use super::link::{Opened, Token, use_forget_token};
use crate::{
    api,
    browser::nfkc,
    components::{
        button::Submit,
        field::Input,
        form::{Form, FormState},
        layout::Gate,
        password::PasswordField,
    },
    secret::Secret,
    session,
};

/// Asks for a new password; the button sets it.
#[component]
pub(crate) fn ResetPassword() -> impl IntoView {
    let token = Token::from_address();
    let done = RwSignal::new(false);
    let title = Signal::derive(move || if done.get() { "Password changed" } else { "Choose a new password" }.to_owned());
    view! {
        <Gate title>
            {move || {
                if done.get() {
                    view! {
                        <p class="lead" role="status">
                            "Every device has been signed out. Sign in with the new password."
                        </p>
                        <div class="actions">
                            <A href="/sign-in" attr:class="button" attr:data-kind="primary">
                                "Go to sign in"
                            </A>
                        </div>
                    }
                        .into_any()
                } else {
                    view! {
                        <Opened token purposes=&[LinkPurpose::ResetPassword] let:link>
                            <Ask link=link.get_untracked() token done />
                        </Opened>
                        <p class="hint">"The link does not work? "<A href="/forgot-password">"Ask for another one"</A>"."</p>
                    }
                        .into_any()
                }
            }}
        </Gate>
    }
}

#[component]
fn Ask(link: Link, token: Token, done: RwSignal<bool>) -> impl IntoView {
    let min = expect_context::<Site>().password_min;
    let state = FormState::new("reset");
    let password = Input::new("password");
    let forget_token = use_forget_token();
    let submit = move || {
        let request = auth::ResetPassword { token: token.get(), password: password.value() };
        let errors = check_length("password", &nfkc(&request.password), min).err().into_iter().collect();
        let forget_token = forget_token.clone();
        state.submit(errors, api::auth::reset_password(Secret(request)), move |()| {
            forget_token();
            session::forget();
            done.set(true);
        });
    };
    view! {
        <p class="lead">"For the account of " <strong class="email">{link.email.clone()}</strong> ". Every device will be signed out."</p>
        <Form state on_submit=submit>
            // Password managers file the new password under the address that stands beside it.
            <input type="hidden" name="email" autocomplete="username" value=link.email />
            <PasswordField input=password new=true min />
            <Submit>"Change password"</Submit>
        </Form>
    }
}
