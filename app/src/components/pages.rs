//! The way to the pages of a list before and after this one.

use leptos::prelude::*;

use crate::browser::focus_heading;

/// Links, where there is such a page. Whoever follows one goes on at the heading, as after every navigation: the link itself may be gone.
#[component]
pub(crate) fn Pages(
    /// The address of the page before.
    #[prop(into)]
    previous: Signal<Option<String>>,
    /// And of the one after.
    #[prop(into)]
    next: Signal<Option<String>>,
) -> impl IntoView {
    // No links of the router's: for it, an address that differs in nothing but its query is the current page.
    let link = |rel: &'static str, label: &'static str| {
        move |href: String| {
            view! {
                <a href=href class="button" data-kind="plain" rel=rel on:click=|_| focus_heading()>
                    {label}
                </a>
            }
        }
    };
    view! {
        <nav class="pages" aria-label="Pages">
            {move || previous.get().map(link("prev", "Previous"))}
            {move || next.get().map(link("next", "Next"))}
        </nav>
    }
}
