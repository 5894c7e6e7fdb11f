//! `/sign-up`: a new account.

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};
use portreeve_contract::auth::{self, SignedUp};

use super::new_account::NewAccount;
use crate::{
    api,
    components::{button::Button, guard::needs_sign_out, layout::Gate},
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
                Some(email) => view! { <Sent email sent_to /> }.into_any(),
                None => view! { <Fields next=next() sent_to /> }.into_any(),
            }}
        </Gate>
    }
}

#[component]
fn Fields(next: Option<String>, sent_to: RwSignal<Option<String>>) -> impl IntoView {
    let create = move |person: auth::SignUp| {
        let address = person.email.clone();
        let attempt = api::auth::sign_up(Secret(person));
        async move {
            let answer = session::enter(attempt, |answer| match answer {
                SignedUp::SignedIn(token) => Some(token),
                SignedUp::VerificationSent => None,
            });
            if let SignedUp::VerificationSent = answer.await? {
                let _ = sent_to.try_set(Some(address));
            }
            Ok(())
        }
    };
    view! {
        <p class="lead">
            "Have one already? " <A href=with_next("/sign-in", next.as_deref())>"Sign in"</A>
        </p>
        <NewAccount id="sign-up" create />
    }
}

#[component]
fn Sent(email: String, sent_to: RwSignal<Option<String>>) -> impl IntoView {
    view! {
        <p class="lead" role="status">
            "We sent a message to "
            <strong class="email">{email}</strong>
            ". Open the link in it to go on; it works for 24 hours."
        </p>
        <p>"Nothing there after a few minutes? Look among the unwanted mail, and whether the address is yours."</p>
        <div class="actions">
            <Button on_press=move || sent_to.set(None)>"Start again with another address"</Button>
        </div>
    }
}
