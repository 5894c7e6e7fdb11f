//! `/setup`: the first administrator, by the one-time link that the terminal shows.

use leptos::prelude::*;
use portreeve_contract::{
    auth::{self, AccessToken, LinkPurpose},
    email::Email,
    name::Name,
    password::check_length,
    site::Site,
};

use super::link::{Opened, Token};
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
    secret::Secret,
    session,
};

/// Makes the account that looks after all others.
#[component]
pub(crate) fn Setup() -> impl IntoView {
    needs_sign_out(|| None);
    let token = Token::from_address();
    view! {
        <Gate title="Set up Portreeve">
            <Opened token purposes=&[LinkPurpose::Setup] let:_link>
                <Fields token />
            </Opened>
        </Gate>
    }
}

#[component]
fn Fields(token: Token) -> impl IntoView {
    let min = expect_context::<Site>().password_min;
    let state = FormState::new("setup");
    let (name, email, password) = (Input::new("name"), Input::new("email"), Input::new("password"));
    let submit = move || {
        let setup = auth::Setup { token: token.get(), name: name.value(), email: email.value(), password: password.value() };
        let errors =
            [Name::parse(&setup.name).err(), Email::parse(&setup.email).err(), check_length("password", &nfkc(&setup.password), min).err()];
        let send = session::enter(api::auth::setup(Secret(setup)), |token: &AccessToken| Some(token));
        state.submit(errors.into_iter().flatten().collect(), send, |_| {});
    };
    view! {
        <p class="lead">"You are the first one here. Your account will be the administrator's: it sees everyone's and can disable them."</p>
        <Form state on_submit=submit>
            <TextField input=name label="Name" autocomplete="name" />
            <TextField input=email label="Email" kind="email" autocomplete="username" />
            <PasswordField input=password new=true min />
            <Submit>"Create account"</Submit>
        </Form>
    }
}
