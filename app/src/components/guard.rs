//! Pages that need somebody to be signed in.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use crate::{
    next::{local_path, with_next},
    session::{Ended, Presence, Session},
};

/// Sends whoever is not signed in to the sign-in page, and back afterwards.
pub(crate) fn needs_sign_in() {
    let session = expect_context::<Session>();
    let location = use_location();
    let navigate = use_navigate();
    Effect::new(move || {
        if session.presence() == Presence::Out {
            let query = location.search.get_untracked();
            let here = match query.trim_start_matches('?') {
                "" => location.pathname.get_untracked(),
                query => format!("{}?{query}", location.pathname.get_untracked()),
            };
            let next = (session.ended() != Some(Ended::SignedOut)).then_some(here);
            navigate(&with_next("/sign-in", next.as_deref()), NavigateOptions { replace: true, ..Default::default() });
        }
    });
}

/// Sends whoever is signed in on, to where they were going or to their account.
pub(crate) fn needs_sign_out(next: impl Fn() -> Option<String> + 'static) {
    let session = expect_context::<Session>();
    let navigate = use_navigate();
    Effect::new(move || {
        if session.presence() == Presence::In {
            let next = next();
            // The pages for getting in would only send here again.
            let to = next.as_deref().and_then(local_path).filter(|path| *path != "/" && !path.starts_with("/sign-")).unwrap_or("/account");
            navigate(to, NavigateOptions { replace: true, ..Default::default() });
        }
    });
}
