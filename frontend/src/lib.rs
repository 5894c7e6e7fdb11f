//! The WASM entry point.

// A page is one type as deep as its markup.
#![recursion_limit = "512"]

use leptos::{mount::hydrate_from_async, tachys::dom::body};
use portreeve_app::{App, session};

/// Takes over the page that the server rendered.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(async {
        // Not `hydrate_lazy`, which does not say when it is done.
        hydrate_from_async(body(), App).await.forget();
        session::start();
    });
}
