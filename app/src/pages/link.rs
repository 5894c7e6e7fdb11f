//! What the pages share that are opened by a link with a token: opening it does nothing, the page's button does.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
};
use portreeve_contract::{
    ErrorKind, Problem,
    auth::{Link, LinkPurpose},
};

use crate::{
    api,
    components::{layout::NeedsScript, load::Load},
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

/// Gives a way to take a used token out of the address and the history.
pub(crate) fn use_forget_token() -> impl Fn() + Clone + 'static {
    let (navigate, location) = (use_navigate(), use_location());
    move || {
        let options = NavigateOptions { replace: true, scroll: false, resolve: false, ..Default::default() };
        navigate(&location.pathname.get_untracked(), options);
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
