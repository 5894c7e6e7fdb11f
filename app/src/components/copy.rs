//! Copying a link, a checksum or a key.

use leptos::{html, prelude::*, task::spawn_local};

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
    /// Whether it is in a dialog. The corner of the page is neither seen nor heard then, so the result is said beside the button.
    #[prop(optional)]
    in_dialog: bool,
    children: Children,
) -> impl IntoView {
    let toasts = Toasts::here();
    let said = RwSignal::new(None::<String>);
    let press = move || {
        let text = text.get_untracked();
        // Gone for a moment, so that screen readers say the same sentence again.
        said.set(None);
        spawn_local(async move {
            let result = if browser::copy(&text).await {
                format!("{what} is copied.")
            } else {
                "Your browser does not let this page copy. Select the text and copy it yourself.".to_owned()
            };
            if in_dialog {
                let _ = said.try_set(Some(result));
            } else {
                toasts.say(result);
            }
        });
    };
    view! {
        <Button kind on_press=press>
            {children()}
        </Button>
        {in_dialog.then(|| view! { <p class="hint copied" role="status">{move || said.get()}</p> })}
    }
}

/// What has just been made and can be copied. It takes the focus, so that a screen reader says it, and is selected.
#[component]
pub(crate) fn MadeText(
    /// Of the element.
    id: &'static str,
    /// What it is.
    label: &'static str,
    /// The text itself.
    text: String,
    /// The id of what is to be known about it.
    #[prop(optional)]
    described_by: Option<&'static str>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(input) = node.get() {
            request_animation_frame(move || {
                let _ = input.focus();
                input.select();
            });
        }
    });
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input id=id class="input code" type="text" readonly value=text aria-describedby=described_by node_ref=node />
        </div>
    }
}
