//! The application below the shell: contexts, routes, and what stands around every page.

use leptos::{prelude::*, server::SharedValue};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    components::{Route, Router, Routes},
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
    pages::{
        account::Account, admin, forgot_password::ForgotPassword, home::Home, not_found::NotFound, reset_password::ResetPassword,
        security::Security, setup::Setup, sign_in::SignIn, sign_up::SignUp, verify_email::VerifyEmail,
    },
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
    provide_context(site.clone());
    let session = Session::provide();
    Who::provide(session);
    Toasts::provide();
    Theme::provide();
    provide_fresh();

    view! {
        <Title formatter=|title: String| if title.is_empty() { "Portreeve".to_owned() } else { format!("{title} · Portreeve") } />
        <Router>
            <a class="skip-link" href="#main">
                "Skip to content"
            </a>
            <Header />
            <Insecure site=site />
            <main id="main">
                <Routes fallback=NotFound>
                    <Route path=path!("/") view=Home />
                    <Route path=path!("/sign-up") view=SignUp />
                    <Route path=path!("/sign-in") view=SignIn />
                    <Route path=path!("/forgot-password") view=ForgotPassword />
                    <Route path=path!("/reset-password") view=ResetPassword />
                    <Route path=path!("/verify-email") view=VerifyEmail />
                    <Route path=path!("/setup") view=Setup />
                    <Route path=path!("/account") view=Account />
                    <Route path=path!("/account/security") view=Security />
                    <Route path=path!("/admin/users") view=admin::users::Users />
                    <Route path=path!("/admin/users/:id") view=admin::user::User />
                </Routes>
            </main>
            <Footer />
            <Toaster />
        </Router>
    }
}
