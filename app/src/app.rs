//! The application below the shell: contexts, routes, and what stands around every page.

use leptos::{prelude::*, server::SharedValue};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};
use portreeve_contract::site::Site;

use crate::{
    components::{
        banner::Insecure,
        footer::Footer,
        header::Header,
        layout::provide_fresh,
        toast::{Toaster, Toasts},
    },
    pages::{home::Home, later, not_found::NotFound, sign_in::SignIn},
    session::Session,
    theme::Theme,
    who::Who,
};

/// The whole application, below the shell.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let site =
        SharedValue::new(|| use_context::<Site>().unwrap_or(Site { password_min: 15, verification_required: false, insecure: false }))
            .into_inner();
    provide_context(site);
    let session = Session::provide();
    Who::provide(session);
    Toasts::provide();
    Theme::provide();
    provide_fresh();

    view! {
        <Title formatter=|title: String| if title.is_empty() { "Portreeve".to_owned() } else { format!("{title} · Portreeve") } />
        <Router>
            // The browser's own way there takes the focus along; the router's only scrolls.
            <a class="skip-link" href="#main" rel="external">
                "Skip to content"
            </a>
            <Header />
            <Insecure />
            <main id="main" tabindex="-1">
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/") view=Home />
                    <Route path=path!("/sign-up") view=later::SIGN_UP />
                    <Route path=path!("/sign-in") view=SignIn />
                    <Route path=path!("/forgot-password") view=later::FORGOT_PASSWORD />
                    <Route path=path!("/reset-password") view=later::RESET_PASSWORD />
                    <Route path=path!("/verify-email") view=later::VERIFY_EMAIL />
                    <Route path=path!("/setup") view=later::SETUP />
                    <Route path=path!("/files") view=later::FILES />
                    <Route path=path!("/files/:id") view=later::FILE />
                    // Whole before it is sent: its status says whether the link opens anything.
                    <Route path=path!("/shared/:token") view=later::SHARED ssr=SsrMode::Async />
                    <Route path=path!("/account") view=later::ACCOUNT />
                    <Route path=path!("/account/security") view=later::SECURITY />
                    <Route path=path!("/account/api-keys") view=later::API_KEYS />
                    <Route path=path!("/admin/overview") view=later::OVERVIEW />
                    <Route path=path!("/admin/users") view=later::USERS />
                    <Route path=path!("/admin/users/:id") view=later::USER />
                    <Route path=path!("/admin/service-accounts") view=later::SERVICE_ACCOUNTS />
                    <Route path=path!("/admin/service-accounts/:id") view=later::SERVICE_ACCOUNT />
                    <Route path=path!("/admin/stream") view=later::STREAM />
                    <Route path=path!("/admin/stream/dead-letters/:id") view=later::DEAD_LETTER />
                </FlatRoutes>
            </main>
            <Footer />
            <Toaster />
        </Router>
    }
}
