//! `/`: what this is.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::{flags::Flags, guard::needs_sign_out, layout::Heading};

/// Says what this is; people who are signed in go on to their account.
#[component]
pub(crate) fn Home() -> impl IntoView {
    needs_sign_out(|| None);
    view! {
        <div class="home">
            <div class="hero">
                <div class="hero-inner">
                <Flags word="PORTREEVE" />
                <Heading text="The gate, the quay and the ledger." title="" />
                <p class="lead">
                    "Portreeve signs you in to everything that stands behind it. One account, one place to look after it, and nothing that happens to it behind your back."
                </p>
                <div class="actions">
                    <A href="/sign-up" attr:class="button" attr:data-kind="primary">
                        "Create an account"
                    </A>
                    <A href="/sign-in" attr:class="button" attr:data-kind="plain">
                        "Sign in"
                    </A>
                </div>
                </div>
            </div>
            <section class="promises" aria-label="What you can count on">
                <div>
                    <h2>"You see every door"</h2>
                    <p>"Each device that is signed in, since when, and from where. Close one, or all of them, and it is shut on its next step."</p>
                </div>
                <div>
                    <h2>"Your password stays yours"</h2>
                    <p>"A few unrelated words are enough; no rules about symbols. It is kept so that not even we can read it."</p>
                </div>
                <div>
                    <h2>"You can change your mind"</h2>
                    <p>"Ask for the end of your account, and you have seven days to come back. After that it is erased."</p>
                </div>
            </section>
        </div>
    }
}
