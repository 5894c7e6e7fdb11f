//! Pages that the browser fetches when they are first wanted, so that the first page comes sooner.
//!
//! `cargo leptos build --release --split` cuts the WASM along these functions: what only the pages of one chunk use goes into a file of its
//! own, and what several chunks use into files that they share. A development build is in one piece, which is quicker to make.

use std::{future::pending, pin::Pin, sync::Arc};

use leptos::{prelude::*, task::spawn_local, wasm_split::SplitLoaderError};
use leptos_meta::Link;
use leptos_router::ChooseView;

use super::{
    account::Account,
    admin::{
        dead_letter::DeadLetter, overview::Overview, service_account::ServiceAccount, service_accounts::ServiceAccounts, stream::Stream,
        user::User, users::Users,
    },
    api_keys::ApiKeys,
    files::{Files, OneFile},
    forgot_password::ForgotPassword,
    reset_password::ResetPassword,
    security::Security,
    setup::Setup,
    shared::Shared,
    sign_up::SignUp,
    verify_email::VerifyEmail,
};
use crate::{
    SiteFiles,
    components::{button::Button, layout::Page},
};

type Fetched<T> = Pin<Box<dyn Future<Output = Result<T, SplitLoaderError>>>>;

/// A page that may have to be fetched.
#[derive(Clone, Copy)]
pub(crate) struct Later {
    fetch: fn() -> Fetched<()>,
    view: fn() -> Fetched<AnyView>,
}

impl Later {
    /// Fetches it now, because it will be wanted soon.
    pub(crate) fn soon(self) {
        spawn_local(async move { drop((self.fetch)().await) });
    }
}

impl ChooseView for Later {
    async fn choose(self) -> AnyView {
        match (self.view)().await {
            Ok(page) => page,
            // What the server rendered stays.
            Err(_) if Owner::current_shared_context().is_some_and(|context| context.during_hydration()) => pending().await,
            Err(_) => view! { <NotFetched /> }.into_any(),
        }
    }

    async fn preload(&self) {}
}

/// No network, or a release has replaced the one that this tab was opened with.
#[component]
fn NotFetched() -> impl IntoView {
    let again = || drop(window().location().reload());
    view! {
        <Page title="This page did not load">
            <div class="failed" role="alert">
                <p>"Check the connection, then try again. Nothing is lost."</p>
                <Button on_press=again>"Try again"</Button>
            </div>
        </Page>
    }
}

/// On the server: the page's head names the chunk's files, so that they come beside the first one and not after it.
#[cfg_attr(all(target_arch = "wasm32", not(debug_assertions)), allow(dead_code, reason = "the server's"))]
fn name_files(chunk: &str) {
    let Some(pieces) = use_context::<Arc<SiteFiles>>().and_then(|files| files.pieces.clone()) else { return };
    for href in pieces.chunks.get(chunk).into_iter().flatten().cloned() {
        // Made into HTML it is registered for the head, and nothing is left of it here.
        let _ = view! { <Link rel="preload" as_="fetch" type_="application/wasm" crossorigin="anonymous" href /> }.to_html();
    }
}

/// `chunk: constant = Component, …;`
macro_rules! later {
    ($($chunk:ident: $($name:ident = $component:ident),+;)+) => { $($(
        #[allow(non_snake_case, reason = "each has its component's name, which tells the files of a chunk apart")]
        pub(crate) const $name: Later = {
            #[cfg(all(target_arch = "wasm32", not(debug_assertions)))]
            #[leptos::wasm_split::wasm_split($chunk, wasm_split_path = leptos::wasm_split, preload(fetch), fallible)]
            fn $component() -> Result<AnyView, SplitLoaderError> {
                Ok(self::$component().into_any())
            }
            #[cfg(not(all(target_arch = "wasm32", not(debug_assertions))))]
            async fn $component() -> Result<AnyView, SplitLoaderError> {
                name_files(stringify!($chunk));
                Ok(self::$component().into_any())
            }
            #[cfg(not(all(target_arch = "wasm32", not(debug_assertions))))]
            async fn fetch() -> Result<(), SplitLoaderError> {
                Ok(())
            }
            Later { fetch: || Box::pin(fetch()), view: || Box::pin($component()) }
        };
    )+)+ };
}

later! {
    account: ACCOUNT = Account, SECURITY = Security, API_KEYS = ApiKeys;
    admin: OVERVIEW = Overview, USERS = Users, USER = User, SERVICE_ACCOUNTS = ServiceAccounts, SERVICE_ACCOUNT = ServiceAccount, STREAM = Stream, DEAD_LETTER = DeadLetter;
    files: FILES = Files, FILE = OneFile;
    links: FORGOT_PASSWORD = ForgotPassword, RESET_PASSWORD = ResetPassword, VERIFY_EMAIL = VerifyEmail;
    join: SIGN_UP = SignUp, SETUP = Setup;
    guest: SHARED = Shared;
}
