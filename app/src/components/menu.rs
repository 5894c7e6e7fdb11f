//! The menu in the corner: how the site looks, and, for somebody signed in, who they are and the way out.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use portreeve_contract::user::Profile;

use crate::{
    session::{self, Presence, Session},
    theme::{Scheme, Theme},
    who::Who,
};

/// A button and its popover.
#[component]
pub(crate) fn Menu() -> impl IntoView {
    let session = expect_context::<Session>();
    let who = Who::here();
    let profile = move || who.get().and_then(Result::ok);
    let signed_in = move || session.presence() == Presence::In;
    view! {
        <button type="button" class="avatar" popovertarget="menu" aria-label=move || if signed_in() { "Your menu" } else { "Appearance" }>
            <Transition fallback=Half>
                {move || match profile() {
                    Some(profile) => view! { <span aria-hidden="true">{initials(&profile.name)}</span> }.into_any(),
                    None => view! { <Half /> }.into_any(),
                }}
            </Transition>
        </button>
        <div class="menu" id="menu" popover="auto">
            <Transition>{move || profile().map(|Profile { name, email, .. }| view! { <Person name email /> })}</Transition>
            <Appearance />
            <Show when=signed_in>
                <SignOut />
            </Show>
        </div>
    }
}

#[component]
fn Person(name: String, email: String) -> impl IntoView {
    view! {
        <p class="menu-person">
            <strong>{name}</strong>
            <span>{email}</span>
        </p>
    }
}

/// System, light or dark.
#[component]
fn Appearance() -> impl IntoView {
    let theme = expect_context::<Theme>();
    view! {
        <fieldset class="switch">
            <legend>"Appearance"</legend>
            {Scheme::ALL
                .map(|scheme| {
                    view! {
                        <label>
                            <input
                                type="radio"
                                name="scheme"
                                prop:checked=move || theme.get() == scheme
                                on:change=move |_| theme.set(scheme)
                            />
                            <span>{scheme.label()}</span>
                        </label>
                    }
                })
                .collect_view()}
        </fieldset>
    }
}

#[component]
fn SignOut() -> impl IntoView {
    let navigate = use_navigate();
    let sign_out = move |_| {
        spawn_local(session::sign_out());
        navigate("/sign-in", NavigateOptions::default());
    };
    view! {
        <button type="button" class="button" data-kind="plain" popovertarget="menu" popovertargetaction="hide" on:click=sign_out>
            "Sign out"
        </button>
    }
}

/// A disc, half light and half dark.
#[component]
fn Half() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <circle cx="10" cy="10" r="7.25" fill="none" stroke="currentColor" stroke-width="1.5" />
            <path d="M10 2.75a7.25 7.25 0 0 1 0 14.5z" fill="currentColor" />
        </svg>
    }
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("nguyễn thị minh khai"), "NK");
        assert_eq!(initials("Ada"), "A");
        assert_eq!(initials(""), "");
    }
}
