//! What is shown for an address that leads nowhere, with status 404.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::{
    components::{flags::Flags, layout::Heading},
    respond::Respond,
};

/// Says so, in flags too.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    if let Some(respond) = use_context::<Respond>() {
        respond.status(404);
    }
    view! {
        <div class="lost">
            <Flags word="LOST" says="The flags L, O, S and T" />
            <Heading text="Nothing is moored here" />
            <p class="lead">"The address may be mistyped, or the page has moved. Check it, or go back to where you know the way."</p>
            <div class="actions">
                <A href="/" attr:class="button" attr:data-kind="primary">
                    "Go to the start"
                </A>
            </div>
        </div>
    }
}
