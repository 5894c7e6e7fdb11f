//! Notices: a sentence with a shape, a colour and a word, in the flow of the page.

use leptos::prelude::*;

/// Something to know before going on.
#[component]
pub(crate) fn Notice(
    /// `done`, `attention`, `failed` or `plain`.
    kind: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="notice" data-kind=kind>
            {children()}
        </div>
    }
}
