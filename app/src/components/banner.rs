//! Bands below the header: what stands in the way of using the site.

use leptos::{prelude::*, task::spawn_local};
use portreeve_contract::{site::Site, user::Profile};

use super::{button::Button, form::sentence, toast::Toasts};
use crate::{api, error::ApiError, who::Who};

/// Over plain HTTP to another machine nobody can sign in.
#[component]
pub(crate) fn Insecure(site: Site) -> impl IntoView {
    site.insecure.then(|| {
        view! {
            <aside class="band" data-kind="failed" aria-label="Connection">
                <p>
                    <strong>"Signing in needs HTTPS. "</strong>
                    "This page came over plain HTTP, where browsers do not keep the cookie that a session needs, and where anybody on the way could read your password. Open the site by its https address."
                </p>
            </aside>
        }
    })
}

/// Asks to confirm the address, and sends the link again. To be read under `Transition`.
#[component]
pub(crate) fn Unverified() -> impl IntoView {
    let who = Who::here();
    let busy = RwSignal::new(false);
    let toasts = Toasts::here();
    let resend = move || {
        busy.set(true);
        spawn_local(async move {
            let answer = api::auth::resend_verification().await;
            let _ = busy.try_set(false);
            toasts.say(match answer {
                Ok(()) => "We have sent you another link. It works for 24 hours.".to_owned(),
                Err(ApiError(problem)) => sentence(&problem),
            });
        });
    };
    view! {
        <Transition>
            {move || match who.get() {
                Some(Ok(Profile { email_verified: false, email, .. })) => {
                    Some(
                        view! {
                            <aside class="notice" data-kind="attention" aria-label="Your address">
                                <p>
                                    <strong>"Confirm your address. "</strong>
                                    "We sent a link to "
                                    <span class="email">{email}</span>
                                    ". Open it so that you can get back in if you forget your password."
                                </p>
                                <Button kind="quiet" busy on_press=resend>
                                    "Send the link again"
                                </Button>
                            </aside>
                        },
                    )
                }
                _ => None,
            }}
        </Transition>
    }
}
