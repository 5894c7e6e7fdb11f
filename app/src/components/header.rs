//! The bar above every page.

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_location};

use super::{flags::Mark, menu::Menu};
use crate::{
    session::{Presence, Session},
    who::Who,
};

/// The mark, the ways through the site, and who is signed in.
///
/// On the server nobody is known, so it offers to sign in; the script in the shell hides that from people who seem to be signed in.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let session = expect_context::<Session>();
    let who = Who::here();
    let signed_in = move || session.presence() == Presence::In;
    let path = use_location().pathname;
    // One link leads to several pages, and is the current one on each of them.
    let administering = move || path.with(|path| path.starts_with("/admin/")).then_some("page");
    Effect::new(move || seem(session.presence()));
    view! {
        <header class="header">
            <a class="brand" href="/">
                <Mark />
                <span>"Portreeve"</span>
            </a>
            <nav class="nav" aria-label="Main">
                <Show when=signed_in>
                    <A href="/files">"Files"</A>
                    <A href="/account">"Account"</A>
                    <Transition>
                        {move || {
                            who.is_admin().then(|| {
                                view! {
                                    <a href="/admin/overview" aria-current=administering>
                                        "Administration"
                                    </a>
                                }
                            })
                        }}
                    </Transition>
                </Show>
            </nav>
            <Show when=move || session.presence() != Presence::In>
                <div class="doors">
                    <A href="/sign-in">"Sign in"</A>
                    <A href="/sign-up" attr:class="button" attr:data-kind="plain">
                        "Create account"
                    </A>
                </div>
            </Show>
            <Menu />
        </header>
    }
}

/// What the script in the shell said before the first paint must not outlive a sign-out.
fn seem(presence: Presence) {
    if let Some(root) = document().document_element() {
        let _ = match presence {
            Presence::In => root.set_attribute("data-session", "in"),
            Presence::Out => root.remove_attribute("data-session"),
            Presence::Unknown => Ok(()),
        };
    }
}
