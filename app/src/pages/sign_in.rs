//! `/sign-in`.

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};
use portreeve_contract::{
    ErrorKind, FieldError,
    auth::{Credentials, SignedIn},
};

use super::later;
use crate::{
    api,
    components::{
        button::Submit,
        field::{Input, TextField},
        form::{Form, FormState},
        guard::needs_sign_out,
        layout::Gate,
        notice::Notice,
        password::PasswordField,
        toast::Toasts,
    },
    error::ApiError,
    next::with_next,
    secret::Secret,
    session::{self, Ended, Session},
};

/// Opens a session, and goes on to where the person was going.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let query = use_query_map();
    let next = move || query.with_untracked(|query| query.get("next"));
    needs_sign_out(next);

    let state = FormState::new("sign-in");
    let (email, password) = (Input::new("email"), Input::new("password"));
    let submit = move || {
        let credentials = Credentials { email: email.value().trim().to_owned(), password: password.value() };
        let missing = [
            credentials.email.is_empty().then(|| FieldError::new("email", "required", "Enter your email address.")),
            credentials.password.is_empty().then(|| FieldError::new("password", "required", "Enter your password.")),
        ];
        // While the server works on the password.
        later::ACCOUNT.soon();
        let toasts = Toasts::here();
        state.submit(missing, async move {
            let attempt = api::auth::sign_in(Secret(credentials));
            let signed_in = session::enter(attempt, |signed_in: &SignedIn| Some(&signed_in.token)).await.map_err(beside_password)?;
            if signed_in.account_kept {
                toasts.say("Welcome back. Your account is kept: it is not going to be deleted any more.");
            }
            Ok(())
        });
    };
    let up = move || with_next("/sign-up", query.with(|query| query.get("next")).as_deref());
    view! {
        <Gate title="Sign in">
            <p class="lead">"New here? " <A href=up>"Create an account"</A></p>
            <WhyHere />
            <Form state on_submit=submit>
                <TextField input=email label="Email" kind="email" autocomplete="username" />
                <PasswordField input=password aside=view! { <A href="/forgot-password">"Forgot it?"</A> }.into_any() />
                <Submit>"Sign in"</Submit>
            </Form>
        </Gate>
    }
}

/// Wrong credentials are told beside the password, where the person will try again.
fn beside_password(ApiError(mut problem): ApiError) -> ApiError {
    if problem.kind == ErrorKind::Unauthenticated && problem.errors.is_empty() {
        problem.errors = vec![FieldError::new("password", &problem.code, problem.title.clone())];
    }
    ApiError(problem)
}

/// Why a person who was signed in is here.
#[component]
fn WhyHere() -> impl IntoView {
    let session = expect_context::<Session>();
    let ended = RwSignal::new(None);
    Effect::new(move || {
        session.presence();
        if let Some(why) = session.take_ended() {
            ended.set(Some(why));
        }
    });
    view! {
        <div role="status">
            {move || {
                ended
                    .get()
                    .map(|ended| match ended {
                        Ended::SignedOut => view! { <Notice kind="done">"You are signed out."</Notice> }.into_any(),
                        Ended::Over => {
                            view! { <Notice kind="attention">"Your session has ended. Sign in to go on where you were."</Notice> }.into_any()
                        }
                    })
            }}
        </div>
    }
}
