//! `/account/api-keys`: keys for programs that act for their owner.

mod list;
mod new;
mod whose;

use leptos::prelude::*;

pub(super) use self::{
    list::{HEADING, Keys},
    whose::Whose,
};
use crate::{
    components::{
        banner::Unverified,
        guard::needs_sign_in,
        layout::{AccountTabs, NeedsScript, Page},
    },
    who::Who,
};

/// One's own keys.
#[component]
pub(crate) fn ApiKeys() -> impl IntoView {
    needs_sign_in();
    let who = Who::here();
    view! {
        <Page title="API keys">
            <AccountTabs />
            <NeedsScript />
            <Unverified />
            <section class="section" aria-labelledby=HEADING>
                <div class="section-head">
                    <h2 id=HEADING tabindex="-1">"Your keys"</h2>
                    <p>
                        "A program that has one acts for you, as far as the key reaches. What it can ask for is told in the "
                        <a href="/docs" rel="external">
                            "API reference"
                        </a> "."
                    </p>
                </div>
                <Keys whose=Whose::Own of_admin=Signal::derive(move || who.is_admin()) />
            </section>
        </Page>
    }
}
