//! The document around the application: what the server sends before any of it runs.

use std::{collections::HashMap, sync::Arc};

use leptos::{hydration::AutoReload, nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::app::App;

/// Addresses of the hashed files, from the manifest that is built into the binary.
#[derive(Clone, Debug)]
pub struct SiteFiles {
    /// The style sheet.
    pub css: String,
    /// The module that loads the application.
    pub js: String,
    /// The application.
    pub wasm: String,
    /// The pieces of it that are fetched when they are first wanted; none where it is in one piece, as in development.
    pub pieces: Option<Pieces>,
}

/// What a release's WASM is split into.
#[derive(Clone, Debug)]
pub struct Pieces {
    /// The module that fetches them.
    pub js: String,
    /// The files that each chunk is made of, by the chunk's name.
    pub chunks: Arc<HashMap<String, Vec<String>>>,
}

/// Its name ends in its content's hash, so that it is cached for good: a preload that has to be revalidated is one that Chromium complains of.
const FONT: &str = "/fonts/besley.jyjql3Yi_XX886J5fHxdzA.woff2";

/// Runs before the first paint: the theme that was chosen, and whether somebody seems to be signed in, so that nothing flashes.
const BEFORE_PAINT: &str = r##"(d=>{try{let g=k=>JSON.parse(localStorage.getItem(k)),t=g("portreeve.theme");
if(t=="light"||t=="dark"){d.dataset.theme=t;document.querySelectorAll("meta[name=theme-color]").forEach(m=>m.content=t=="dark"?"#13222c":"#fffefa")}
if(g("portreeve.access_token"))d.dataset.session="in"}catch{}})(document.documentElement)"##;

/// The HTML document. Wants [`SiteFiles`] and the request's nonce in context.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let files = SiteFiles::clone(&expect_context::<Arc<SiteFiles>>());
    let start = format!("import init,{{hydrate}} from {:?};init({{module_or_path:{:?}}}).then(hydrate)", files.js, files.wasm);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#fffefa" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#13222c" />
                <script nonce=use_nonce()>{BEFORE_PAINT}</script>
                <link rel="stylesheet" href=files.css />
                <link rel="preload" href=FONT r#as="font" r#type="font/woff2" crossorigin="anonymous" />
                <link rel="modulepreload" href=files.js />
                {files.pieces.map(|pieces| view! { <link rel="modulepreload" href=pieces.js /> })}
                <link rel="preload" href=files.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml" />
                <script type="module" nonce=use_nonce()>{start}</script>
                <AutoReload options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
