//! Copying a link, a checksum or a key.

use leptos::{prelude::*, task::spawn_local};

use super::{button::Button, toast::Toasts};
use crate::browser;

/// A button that copies.
#[component]
pub(crate) fn Copy(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What that is, as it is said afterwards: “The link”.
    what: &'static str,
    /// How the button looks.
    #[prop(default = "quiet")]
    kind: &'static str,
    children: Children,
) -> impl IntoView {
    let toasts = Toasts::here();
    let press = move || {
        spawn_local(async move {
            let copied = browser::copy(&text.get_untracked()).await;
            toasts.say(if copied {
                format!("{what} is copied.")
            } else {
                "Your browser does not let this page copy. Select the text and copy it yourself.".to_owned()
            });
        });
    };
    view! {
        <Button kind on_press=press>
            {children()}
        </Button>
    }
}
