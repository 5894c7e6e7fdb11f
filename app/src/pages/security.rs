//! `/account/security`: password, sessions, the end of the account.

mod delete;
mod password;
mod sessions;

use leptos::prelude::*;

use crate::components::{
    banner::Unverified,
    guard::needs_sign_in,
    layout::{AccountTabs, NeedsScript, Page},
};

/// Everything that keeps others out.
#[component]
pub(crate) fn Security() -> impl IntoView {
    needs_sign_in();
    let changed = RwSignal::new(0_u32);
    view! {
        <Page title="Security">
            <AccountTabs />
            <NeedsScript />
            <Unverified />
            <sessions::Sessions changed />
            <password::ChangePassword changed />
            <delete::Delete />
        </Page>
    }
}
