//! The line below every page.

use leptos::prelude::*;

/// What this is.
#[component]
pub(crate) fn Footer() -> impl IntoView {
    view! {
        <footer class="footer">
            <p>"Portreeve keeps the gate, the quay and the ledger."</p>
        </footer>
    }
}
