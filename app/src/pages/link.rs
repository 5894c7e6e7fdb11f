//! What the pages share that are opened by a link with a token: opening it does nothing, the page's button does.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_location, use_navigate, use_query_map},
};
use portreeve_contract::{
    ErrorKind, Problem,
    auth::{Link, LinkPurpose},
};

use crate::{
    api,
    components::{
        layout::{Gate, NeedsScript},
        load::Load,
    },
    error::ApiError,
    secret::Secret,
};

/// The token of the link that was opened; empty if there is none.
#[derive(Clone, Copy)]
pub(crate) struct Token(StoredValue<String>);

impl Token {
    /// Reads it from the page's address.
    pub(crate) fn from_address() -> Self {
        Self(StoredValue::new(use_query_map().with_untracked(|query| query.get("token")).unwrap_or_default()))
    }

    /// The token.
    pub(crate) fn get(self) -> String {
        self.0.get_value()
    }
}

/// What a page does with its link.
#[derive(Clone, Copy)]
pub(crate) struct Use {
    token: Token,
    used: Callback<()>,
}

impl Use {
    /// The token to send.
    pub(crate) fn token(self) -> String {
        self.token.get()
    }

    /// It has been sent, and worked: the page says so, and the token goes out of the address and the history.
    pub(crate) fn is_done(self) {
        self.used.try_run(());
    }
}

/// A page that does one thing by a link, when its button is pressed, and then says that it is done.
#[component]
pub(crate) fn ByLink<V: IntoView + 'static>(
    /// What the link may be for.
    purposes: &'static [LinkPurpose],
    /// The heading.
    title: &'static str,
    /// The heading afterwards.
    done: &'static str,
    /// What is said afterwards.
    said: &'static str,
    /// Where one goes on to afterwards, and what that is called.
    on: (&'static str, &'static str),
    /// How to get another link.
    another: ViewFn,
    /// Draws the form for what the link would do.
    children: impl Fn(Link, Use) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let token = Token::from_address();
    let is_done = RwSignal::new(false);
    let (navigate, location) = (use_navigate(), use_location());
    let used = Callback::new(move |()| {
        let options = NavigateOptions { replace: true, scroll: false, resolve: false, ..Default::default() };
        navigate(&location.pathname.get_untracked(), options);
        is_done.set(true);
    });
    view! {
        <Gate title=Signal::derive(move || if is_done.get() { done } else { title }.to_owned())>
            {move || {
                if is_done.get() {
                    view! {
                        <p class="lead" role="status">
                            {said}
                        </p>
                        <div class="actions">
                            <A href=on.0 attr:class="button" attr:data-kind="primary">
                                {on.1}
                            </A>
                        </div>
                    }
                        .into_any()
                } else {
                    let children = children.clone();
                    view! {
                        <Opened token purposes let:link>
                            {children(link.get_untracked(), Use { token, used })}
                        </Opened>
                        <p class="hint">"The link does not work? " {another.run()}</p>
                    }
                        .into_any()
                }
            }}
        </Gate>
    }
}

/// Asks what the link would do and draws the page for it, or says why it does nothing.
#[component]
pub(crate) fn Opened<V: IntoView + 'static>(
    /// From the address.
    token: Token,
    /// What the page is for.
    purposes: &'static [LinkPurpose],
    /// Draws what the link would do.
    children: impl Fn(Signal<Link>) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let link = LocalResource::new(move || async move {
        let token = token.get();
        if token.is_empty() {
            return Err(useless());
        }
        let link = api::auth::inspect_link(Secret(token)).await?;
        if purposes.contains(&link.purpose) { Ok(link) } else { Err(useless()) }
    });
    view! {
        <NeedsScript />
        <Load read=move || link.get() retry=move || link.refetch() children />
    }
}

fn useless() -> ApiError {
    let title = "This link is not complete, or is for something else. Open it again from the message, whole.";
    Problem::new(ErrorKind::NotFound, "link_invalid", title).into()
}
