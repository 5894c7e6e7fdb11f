//! `/setup`: the first administrator, by the one-time link that the terminal shows.

use leptos::prelude::*;
use portreeve_contract::auth::{self, AccessToken, LinkPurpose};

use super::{
    link::{Opened, Token},
    new_account::NewAccount,
};
use crate::{
    api,
    components::{guard::needs_sign_out, layout::Gate},
    secret::Secret,
    session,
};

/// Makes the account that looks after all others.
#[component]
pub(crate) fn Setup() -> impl IntoView {
    needs_sign_out(|| None);
    let token = Token::from_address();
    let create = move |auth::SignUp { name, email, password }| {
        let attempt = api::auth::setup(Secret(auth::Setup { token: token.get(), name, email, password }));
        async { session::enter(attempt, |token: &AccessToken| Some(token)).await.map(drop) }
    };
    view! {
        <Gate title="Set up Portreeve">
            <Opened token purposes=&[LinkPurpose::Setup] let:_link>
                <p class="lead">"You are the first one here. Your account will be the administrator's: it sees everyone's and can disable them."</p>
                <NewAccount id="setup" create />
            </Opened>
        </Gate>
    }
}
