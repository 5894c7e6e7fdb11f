//! `/verify-email`: an address is its owner's, of a new account or a changed one.

use leptos::prelude::*;
use leptos_router::components::A;
use portreeve_contract::auth::{Link, LinkPurpose};

use super::link::{Opened, Token, use_forget_token};
use crate::{
    api,
    components::{
        button::Submit,
        form::{Form, FormState},
        layout::Gate,
    },
    secret::Secret,
    who::Who,
};

/// Says what the link confirms; the button confirms it.
#[component]
pub(crate) fn VerifyEmail() -> impl IntoView {
    let token = Token::from_address();
    let done = RwSignal::new(false);
    let title = Signal::derive(move || if done.get() { "Address confirmed" } else { "Confirm your address" }.to_owned());
    view! {
        <Gate title>
            {move || {
                if done.get() {
                    view! {
                        <p class="lead" role="status">
                            "Thank you. Mail reaches you there."
                        </p>
                        <div class="actions">
                            <A href="/account" attr:class="button" attr:data-kind="primary">
                                "Go to your account"
                            </A>
                        </div>
                    }
                        .into_any()
                } else {
                    view! {
                        <Opened token purposes=&[LinkPurpose::VerifyEmail, LinkPurpose::ChangeEmail] let:link>
                            <Ask link=link.get_untracked() token done />
                        </Opened>
                    }
                        .into_any()
                }
            }}
        </Gate>
    }
}

#[component]
fn Ask(link: Link, token: Token, done: RwSignal<bool>) -> impl IntoView {
    let state = FormState::new("verify");
    let forget_token = use_forget_token();
    let who = Who::here();
    let submit = move || {
        let forget_token = forget_token.clone();
        state.submit(Vec::new(), api::auth::verify_email(Secret(token.get())), move |()| {
            forget_token();
            who.reload();
            done.set(true);
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
