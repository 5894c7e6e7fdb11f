//! What a person sees, compiled twice: to WASM for the browser and into the server.

use leptos::prelude::*;

/// The whole application, below the shell.
#[component]
pub fn App() -> impl IntoView {
    view! { <h1>"Portreeve"</h1> }
}
