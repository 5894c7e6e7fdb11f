//! `/reset-password`: a new password by a link.

use leptos::prelude::*;
use leptos_router::components::A;
use portreeve_contract::{
    auth::{self, Link, LinkPurpose},
    password::check_length,
    site::Site,
};

use super::link::{ByLink, Use};
use crate::{
    api,
    browser::nfkc,
    components::{
        button::Submit,
        field::Input,
        form::{Form, FormState},
        password::PasswordField,
    },
    secret::Secret,
    session,
};

/// Asks for a new password; the button sets it.
#[component]
pub(crate) fn ResetPassword() -> impl IntoView {
    view! {
        <ByLink
            purposes=&[LinkPurpose::ResetPassword]
            title="Choose a new password"
            done="Password changed"
            said="Every device has been signed out. Sign in with the new password."
            on=("/sign-in", "Go to sign in")
            another=ViewFn::from(|| view! { <A href="/forgot-password">"Ask for another one"</A> "." })
            let(link, by)
        >
            <Ask link by />
        </ByLink>
    }
}

#[component]
fn Ask(link: Link, by: Use) -> impl IntoView {
    let min = expect_context::<Site>().password_min;
    let state = FormState::new("reset");
    let password = Input::new("password");
    let submit = move || {
        let request = auth::ResetPassword { token: by.token(), password: password.value() };
        state.submit([check_length("password", &nfkc(&request.password), min).err()], async move {
            api::auth::reset_password(Secret(request)).await?;
            session::forget();
            by.is_done();
            Ok(())
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
