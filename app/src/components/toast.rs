//! What has just been done, said once and then gone.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use crate::browser::sleep;

/// Long enough to read a sentence twice.
const STAYS: Duration = Duration::from_secs(7);

/// The sentences that are shown now.
#[derive(Clone, Copy)]
pub(crate) struct Toasts(RwSignal<Vec<(u32, String)>>);

impl Toasts {
    /// Puts them into context.
    pub(crate) fn provide() {
        provide_context(Self(RwSignal::new(Vec::new())));
    }

    /// The ones in context.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Says what has been done.
    pub(crate) fn say(self, text: impl Into<String>) {
        let id = self.0.with_untracked(|toasts| toasts.last().map_or(0, |(id, _)| id + 1));
        self.0.update(|toasts| toasts.push((id, text.into())));
        spawn_local(async move {
            sleep(STAYS).await;
            self.0.update(|toasts| toasts.retain(|(other, _)| *other != id));
        });
    }
}

/// Where they appear; there from the start, so that screen readers listen to it.
#[component]
pub(crate) fn Toaster() -> impl IntoView {
    let Toasts(toasts) = Toasts::here();
    view! {
        <div class="toaster" role="status">
            <For each=move || toasts.get() key=|(id, _)| *id let((_, text))>
                <p class="toast">{text}</p>
            </For>
        </div>
    }
}
