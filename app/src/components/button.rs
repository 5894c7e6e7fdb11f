//! Buttons.

use leptos::prelude::*;

use super::form::FormState;

/// Sends the form it is in. Waits for the page to come to life, so that nothing typed is lost to a plain form post.
#[component]
pub(crate) fn Submit(
    /// `primary` or `danger`.
    #[prop(default = "primary")]
    kind: &'static str,
    children: Children,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let alive = RwSignal::new(false);
    Effect::new(move || alive.set(true));
    view! {
        <button
            type="submit"
            class="button"
            data-kind=kind
            disabled=move || !alive.get()
            aria-disabled=move || form.busy().then_some("true")
            data-busy=move || form.busy().then_some("")
        >
            {children()}
        </button>
    }
}

/// Does something at once.
#[component]
pub(crate) fn Button(
    /// `primary`, `plain`, `danger` or `quiet`.
    #[prop(default = "plain")]
    kind: &'static str,
    /// While its work is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// What it does.
    on_press: impl Fn() + 'static,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            data-kind=kind
            aria-disabled=move || busy.get().then_some("true")
            data-busy=move || busy.get().then_some("")
            on:click=move |_| {
                if !busy.get_untracked() {
                    on_press();
                }
            }
        >
            {children()}
        </button>
    }
}
