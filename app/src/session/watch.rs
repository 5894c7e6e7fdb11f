//! What other tabs and the network tell.

use leptos::{leptos_dom::helpers::window_event_listener, prelude::*, task::spawn_local};

use super::{Session, deliver_sign_out, store};

/// Follows storage and the network for as long as the page lives.
pub(super) fn start(session: Session) {
    let storage = window_event_listener(leptos::ev::storage, move |event| match event.key() {
        Some(key) if key != store::TOKEN => {}
        // Another person's token, or none: a renewed one of the same person changes nothing that is shown.
        Some(_) if subject(event.old_value()) == subject(event.new_value()) => {}
        _ => session.changed_hands(),
    });
    let online = window_event_listener(leptos::ev::online, move |_| spawn_local(deliver_sign_out()));
    on_cleanup(move || {
        storage.remove();
        online.remove();
    });
    spawn_local(deliver_sign_out());
}

/// Whose token it is. `None` for none, and for what cannot be read.
fn subject(stored: Option<String>) -> Option<String> {
    store::subject(&serde_json::from_str::<String>(&stored?).ok()?)
}
