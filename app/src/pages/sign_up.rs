//! `/sign-up`: a new account.

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};
use portreeve_contract::{
    auth::{self, SignedUp},
    email::Email,
    name::Name,
    password::check_length,
    site::Site,
};

use crate::{
    api,
    browser::nfkc,
    components::{
        button::Submit,
        field::{Input, TextField},
        form::{Form, FormState},
        guard::needs_sign_out,
        layout::Gate,
        password::PasswordField,
    },
    next::with_next,
    secret::Secret,
    session,
};

/// Makes an account, and signs its owner in where the address need not be confirmed first.
#[component]
pub(crate) fn SignUp() -> impl IntoView {
    let query = use_query_map();
    let next = move || query.with_untracked(|query| query.get("next"));
    needs_sign_out(next);
    let sent_to = RwSignal::new(None::<String>);
    let title = Signal::derive(move || if sent_to.with(Option::is_some) { "Look in your mail" } else { "Create account" }.to_owned());
    view! {
        <Gate title>
            {move || match sent_to.get() {
                Some(email) => view! { <Sent email /> }.into_any(),
                None => view! { <Fields next=next() sent_to /> }.into_any(),
            }}
        </Gate>
    }
}

#[component]
fn Fields(next: Option<String>, sent_to: RwSignal<Option<String>>) -> impl IntoView {
    let min = expect_context::<Site>().password_min;
    let state = FormState::new("sign-up");
    let (name, email, password) = (Input::new("name"), Input::new("email"), Input::new("password"));
    let submit = move || {
        let person = auth::SignUp { name: name.value(), email: email.value(), password: password.value() };
        let errors = [
            Name::parse(&person.name).err(),
            Email::parse(&person.email).err(),
            check_length("password", &nfkc(&person.password), min).err(),
        ];
        let address = person.email.clone();
        let send = session::enter(api::auth::sign_up(Secret(person)), |answer| match answer {
            SignedUp::SignedIn(token) => Some(token),
            SignedUp::VerificationSent => None,
        });
        state.submit(errors.into_iter().flatten().collect(), send, move |answer| {
            if let SignedUp::VerificationSent = answer {
                sent_to.set(Some(address));
            }
        });
    };
    view! {
        <p class="lead">
            "Have one already? " <A href=with_next("/sign-in", next.as_deref())>"Sign in"</A>
        </p>
        <Form state on_submit=submit>
            <TextField input=name label="Name" autocomplete="name" />
            <TextField input=email label="Email" kind="email" autocomplete="username" />
            <PasswordField input=password new=true min />
            <Submit>"Create account"</Submit>
        </Form>
    }
}

#[component]
fn Sent(email: String) -> impl IntoView {
    view! {
        <p class="lead" role="status">
            "We sent a message to "
            <strong class="email">{email}</strong>
            ". Open the link in it to go on; it works for 24 hours."
        </p>
        <p>"Nothing there after a few minutes? Look among the unwanted mail, or "<a href="/sign-up">"start again with another address"</a>"."</p>
    }
}
