//! What has just been done, said once and then gone.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use crate::browser::sleep;

/// Long enough to read a sentence twice.
const STAYS: Duration = Duration::from_secs(7);

/// The sentence that is shown now, and how many there have been.
#[derive(Clone, Copy)]
pub(crate) struct Toasts(RwSignal<(u32, Option<String>)>);

impl Toasts {
    /// Puts them into context.
    pub(crate) fn provide() {
        provide_context(Self(RwSignal::new((0, None))));
    }

    /// The ones in context.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Says what has been done, in the place of what was done before.
    pub(crate) fn say(self, text: impl Into<String>) {
        let turn = self.0.with_untracked(|(turn, _)| turn + 1);
        let text = text.into();
        // Gone for a moment, so that screen readers say the same sentence again.
        self.0.set((turn, None));
        spawn_local(async move {
            for (wait, show) in [(Duration::ZERO, Some(text)), (STAYS, None)] {
                sleep(wait).await;
                if self.0.with_untracked(|(latest, _)| *latest == turn) {
                    self.0.set((turn, show));
                }
            }
        });
    }
}

/// Where they appear; there from the start, so that screen readers listen to it.
#[component]
pub(crate) fn Toaster() -> impl IntoView {
    let Toasts(toast) = Toasts::here();
    view! {
        <div class="toaster" role="status">
            {move || toast.get().1.map(|text| view! { <p class="toast">{text}</p> })}
        </div>
    }
}
