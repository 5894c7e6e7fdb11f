//! `/verify-email`: an address is its owner's, of a new account or a changed one.

use leptos::prelude::*;
use leptos_router::components::A;
use portreeve_contract::auth::{Link, LinkPurpose};

use super::link::{ByLink, Use};
use crate::{
    api,
    components::{
        button::Submit,
        form::{Form, FormState},
    },
    secret::Secret,
    who::Who,
};

/// Says what the link confirms; the button confirms it.
#[component]
pub(crate) fn VerifyEmail() -> impl IntoView {
    view! {
        <ByLink
            purposes=&[LinkPurpose::VerifyEmail, LinkPurpose::ChangeEmail]
            title="Confirm your address"
            done="Address confirmed"
            said="Thank you. Mail reaches you there."
            on=("/account", "Go to your account")
            another=ViewFn::from(|| view! { <A href="/account">"Sign in"</A> ", and send yourself another one from your account." })
            let(link, by)
        >
            <Ask link by />
        </ByLink>
    }
}

#[component]
fn Ask(link: Link, by: Use) -> impl IntoView {
    let state = FormState::new("verify");
    let who = Who::here();
    let submit = move || {
        state.submit([], async move {
            api::auth::verify_email(Secret(by.token())).await?;
            who.reload();
            by.is_done();
            Ok(())
        });
    };
    let changed = link.purpose == LinkPurpose::ChangeEmail;
    view! {
        <p class="lead">
            {if changed { "From now on, mail to you will go to " } else { "This address will be confirmed as yours: " }}
            <strong class="email">{link.email}</strong>
            "."
        </p>
        <Form state on_submit=submit>
            <Submit>{if changed { "Change to this address" } else { "Confirm this address" }}</Submit>
        </Form>
        <p class="hint">"You did not ask for this? Close the page, and nothing happens."</p>
    }
}
