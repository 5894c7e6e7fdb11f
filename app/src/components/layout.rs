//! The two kinds of page: one for getting in, one for being in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use super::flags::{Flags, Mark};
use crate::browser::focus_heading;

/// Whether the page that the server rendered is still the one that is shown.
#[derive(Clone, Copy)]
struct Fresh(StoredValue<bool>);

/// Lets headings know whether one has navigated.
pub(crate) fn provide_fresh() {
    provide_context(Fresh(StoredValue::new(true)));
}

/// The page's one heading. After a navigation, and when it changes, it takes the focus, so that a screen reader says where one is.
#[component]
pub(crate) fn Heading(
    /// Also the document's title, unless there is a better one.
    #[prop(into)]
    text: Signal<String>,
    /// A better one.
    #[prop(optional)]
    title: Option<&'static str>,
) -> impl IntoView {
    let fresh = expect_context::<Fresh>();
    // Data that are read again give the page the same heading, and leave the focus where it is.
    let text = Memo::new(move |_| text.get());
    Effect::new(move || {
        text.track();
        if fresh.0.get_value() {
            fresh.0.set_value(false);
        } else {
            focus_heading();
        }
    });
    view! {
        <Title text=move || title.map_or_else(|| text.get(), str::to_owned) />
        <h1 tabindex="-1">{text}</h1>
    }
}

/// A page for getting in: a form beside a panel of harbour ink.
#[component]
pub(crate) fn Gate(
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="gate">
            <div class="gate-panel">
                <a class="brand" href="/">
                    <Mark />
                    <span>"Portreeve"</span>
                </a>
                <p class="gate-words">"The gate, the quay and the ledger."</p>
                <p class="gate-more">"Sign in once. You see where you are signed in, and you can end it, at every moment."</p>
                <Flags word="PORTREEVE" />
            </div>
            <div class="gate-form">
                <Heading text=title />
                {children()}
            </div>
        </div>
    }
}

/// A page for being in.
#[component]
pub(crate) fn Page(
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// The page above this one: its address and its name.
    #[prop(optional)]
    above: Option<(&'static str, &'static str)>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="page">
            <div class="page-head">
                {above.map(|(href, name)| view! { <A href attr:class="above">{name}</A> })}
                <Heading text=title />
            </div>
            {children()}
        </div>
    }
}

/// The parts of one's account.
#[component]
pub(crate) fn AccountTabs() -> impl IntoView {
    view! {
        <nav class="tabs" aria-label="Account">
            <A href="/account" exact=true>
                "Profile"
            </A>
            <A href="/account/security">"Security"</A>
            <A href="/account/api-keys">"API keys"</A>
        </nav>
    }
}

/// What administrators look after.
#[component]
pub(crate) fn AdminTabs() -> impl IntoView {
    view! {
        <nav class="tabs" aria-label="Administration">
            <A href="/admin/overview">"Overview"</A>
            <A href="/admin/users">"Users"</A>
            <A href="/admin/service-accounts">"Service accounts"</A>
            <A href="/admin/stream">"Stream"</A>
        </nav>
    }
}

/// What a page without script can say where data would be.
#[component]
pub(crate) fn NeedsScript() -> impl IntoView {
    view! {
        <NoScript text="This page needs JavaScript: only your browser holds the key to your account. Turn it on for this site, then load the page again." />
    }
}

/// Said where scripts are off. A browser with scripts reads the element's content as text, so it must not be hydrated: it is one
/// piece of HTML.
#[component]
pub(crate) fn NoScript(
    /// Plain text of our own.
    text: &'static str,
) -> impl IntoView {
    view! { <noscript inner_html=format!(r#"<p class="notice" data-kind="attention">{text}</p>"#)></noscript> }
}
