//! `/forgot-password`: ask for a link.

use leptos::prelude::*;
use leptos_router::components::A;
use portreeve_contract::{auth, email::Email};

use crate::{
    api,
    components::{
        button::Submit,
        field::{Input, TextField},
        form::{Form, FormState},
        layout::Gate,
    },
    secret::Secret,
};

/// Sends a link if the address has an account, and says the same if it has none.
#[component]
pub(crate) fn ForgotPassword() -> impl IntoView {
    let sent_to = RwSignal::new(None::<String>);
    let title =
        Signal::derive(move || if sent_to.with(Option::is_some) { "Look in your mail" } else { "Forgot your password?" }.to_owned());
    view! {
        <Gate title>
            {move || match sent_to.get() {
                Some(email) => view! {
                    <p class="lead" role="status">
                        "If "
                        <strong class="email">{email}</strong>
                        " has an account, a message is on its way. Its link sets a new password and works for 30 minutes."
                    </p>
                    <p>"Nothing there after a few minutes? Look among the unwanted mail, or at the address you signed up with."</p>
                }.into_any(),
                None => view! { <Ask sent_to /> }.into_any(),
            }}
            <p class="hint">
                <A href="/sign-in">"Back to sign in"</A>
            </p>
        </Gate>
    }
}

#[component]
fn Ask(sent_to: RwSignal<Option<String>>) -> impl IntoView {
    let state = FormState::new("forgot");
    let email = Input::new("email");
    let submit = move || {
        let address = email.value();
        state.submit([Email::parse(&address).err()], async move {
            api::auth::forgot_password(Secret(auth::ForgotPassword { email: address.clone() })).await?;
            let _ = sent_to.try_set(Some(address));
            Ok(())
        });
    };
    view! {
        <p class="lead">"Tell us your address, and we send you a link that sets a new one."</p>
        <Form state on_submit=submit>
            <TextField input=email label="Email" kind="email" autocomplete="username" />
            <Submit>"Send the link"</Submit>
        </Form>
    }
}
