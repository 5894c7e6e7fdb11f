//! `/admin/stream`: who reads the events, how far they are, and what they gave up on.

use std::time::Duration;

use leptos::prelude::*;
use portreeve_contract::stream::{DeadLetterQuery, Engine, StreamInfo};

use super::{stream_consumers::Consumers, stream_dead_letters::DeadLetters};
use crate::{
    api,
    components::{
        guard::needs_sign_in,
        layout::{AdminTabs, NeedsScript, Page},
        load::{Load, keep_fresh},
        time::Time,
    },
};

/// Where the page is.
pub(crate) const PATH: &str = "/admin/stream";
/// How old what is shown may be while somebody looks at it.
const FRESH: Duration = Duration::from_secs(5);

/// Consumers and dead letters.
#[component]
pub(crate) fn Stream() -> impl IntoView {
    needs_sign_in();
    let info = LocalResource::new(api::stream::info);
    let letters = LocalResource::new(|| api::stream::dead_letters(DeadLetterQuery::default()));
    let refetch = Callback::new(move |()| {
        info.refetch();
        letters.refetch();
    });
    Effect::new(move || keep_fresh(FRESH, refetch));
    view! {
        <Page title="Stream">
            <AdminTabs />
            <NeedsScript />
            <Load read=move || info.get() retry=move || info.refetch() lines=6 let:info>
                <section class="section" data-wide="" aria-labelledby="consumers-heading">
                    <div class="section-head">
                        <h2 id="consumers-heading">"Consumers"</h2>
                        <Kept info />
                    </div>
                    <Consumers info refetch />
                </section>
                <section class="section" aria-labelledby="letters-heading">
                    <div class="section-head">
                        <h2 id="letters-heading" tabindex="-1">
                            "Dead letters"
                        </h2>
                        <p>"Events that a consumer gave up on after its last try. Send them again when the cause is gone."</p>
                    </div>
                    <Load read=move || letters.get() retry=move || letters.refetch() lines=3 let:page>
                        <DeadLetters page refetch />
                    </Load>
                </section>
            </Load>
        </Page>
    }
}

/// What carries the events, and which of them are kept.
#[component]
fn Kept(info: Signal<StreamInfo>) -> impl IntoView {
    // Not drawn anew with each event that comes.
    let first = Memo::new(move |_| info.get().first);
    let carrier = move || {
        info.with(|info| match info.engine {
            Engine::Database => "Carried by the database.",
            Engine::Nats => "Carried by NATS JetStream; the database keeps every event too.",
        })
    };
    view! {
        <p>{carrier}</p>
        {move || {
            first
                .get()
                .map(|(position, at)| {
                    view! {
                        <p class="number">
                            {format!("Events {position} to ")} {move || info.with(|info| info.last)} " are kept, the first from " <Time at />
                        </p>
                    }
                })
        }}
    }
}
