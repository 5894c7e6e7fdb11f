//! The form that makes an account, the first administrator's too.

use leptos::prelude::*;
use portreeve_contract::{auth::SignUp, email::Email, name::Name, password::check_length, site::Site};

use super::later;
use crate::{
    browser::nfkc,
    components::{
        button::Submit,
        field::{Input, TextField},
        form::{Form, FormState},
        password::PasswordField,
    },
    error::ApiError,
};

/// Asks for a name, an address and a password.
#[component]
pub(super) fn NewAccount<F>(
    /// The ids of the form's elements begin with it.
    id: &'static str,
    /// Makes the account and signs its owner in.
    create: impl Fn(SignUp) -> F + 'static,
) -> impl IntoView
where
    F: Future<Output = Result<(), ApiError>> + 'static,
{
    let min = expect_context::<Site>().password_min;
    let state = FormState::new(id);
    let (name, email, password) = (Input::new("name"), Input::new("email"), Input::new("password"));
    let submit = move || {
        let person = SignUp { name: name.value(), email: email.value(), password: password.value() };
        let checks = [
            Name::parse(&person.name).err(),
            Email::parse(&person.email).err(),
            check_length("password", &nfkc(&person.password), min).err(),
        ];
        // While the server works on the password.
        later::ACCOUNT.soon();
        state.submit(checks, create(person));
    };
    view! {
        <Form state on_submit=submit>
            <TextField input=name label="Name" autocomplete="name" />
            <TextField input=email label="Email" kind="email" autocomplete="username" />
            <PasswordField input=password new=true min />
            <Submit>"Create account"</Submit>
        </Form>
    }
}
