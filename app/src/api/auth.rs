//! Signing up, in and out; links sent by mail. These use the plain client: nobody is signed in yet, or the cookie says who is.

use leptos::prelude::*;
use portreeve_contract::auth::{self, AccessToken, Credentials, Link, SignedIn, SignedUp};

use crate::{error::ApiError, secret::Secret, session::Bearer, wire::Wire};

/// Makes an account.
#[server(prefix = "/api", endpoint = "auth/sign_up", protocol = Wire)]
pub async fn sign_up(person: Secret<auth::SignUp>) -> Result<SignedUp, ApiError> {
    let (services, origin) = crate::ssr::context()?;
    crate::ssr::signed_up(services.auth.sign_up(&origin, person.0).await)
}

/// Opens a session.
#[server(prefix = "/api", endpoint = "auth/sign_in", protocol = Wire)]
pub async fn sign_in(credentials: Secret<Credentials>) -> Result<SignedIn, ApiError> {
    let (services, origin) = crate::ssr::context()?;
    let signed_in = services.auth.sign_in(&origin, credentials.0).await;
    let account_kept = signed_in.as_ref().is_ok_and(|signed_in| signed_in.account_kept);
    Ok(SignedIn { token: crate::ssr::signed_in(signed_in)?, account_kept })
}

/// A fresh access token for the session whose refresh token the cookie holds.
#[server(prefix = "/api", endpoint = "auth/refresh", protocol = Wire)]
pub async fn refresh() -> Result<AccessToken, ApiError> {
    let (services, origin) = crate::ssr::context()?;
    crate::ssr::signed_in(services.auth.refresh(&origin, &crate::ssr::refresh_token()).await)
}

/// Ends the session whose refresh token the cookie holds, if there is one.
#[server(prefix = "/api", endpoint = "auth/sign_out", protocol = Wire)]
pub async fn sign_out() -> Result<(), ApiError> {
    let (services, _) = crate::ssr::context()?;
    crate::ssr::answer(services.auth.sign_out(&crate::ssr::refresh_token()).await)?;
    crate::ssr::forget_refresh_token();
    Ok(())
}

/// Makes the first administrator.
#[server(prefix = "/api", endpoint = "auth/setup", protocol = Wire)]
pub async fn setup(setup: Secret<auth::Setup>) -> Result<AccessToken, ApiError> {
    let (services, origin) = crate::ssr::context()?;
    crate::ssr::signed_in(services.auth.setup(&origin, setup.0).await)
}

/// Sends a link that sets a new password, if the address has an account.
#[server(prefix = "/api", endpoint = "auth/forgot_password", protocol = Wire)]
pub async fn forgot_password(request: Secret<auth::ForgotPassword>) -> Result<(), ApiError> {
    let (services, origin) = crate::ssr::context()?;
    crate::ssr::answer(services.auth.forgot_password(&origin, request.0).await)
}

/// Sets a new password by a link.
#[server(prefix = "/api", endpoint = "auth/reset_password", protocol = Wire)]
pub async fn reset_password(request: Secret<auth::ResetPassword>) -> Result<(), ApiError> {
    let (services, origin) = crate::ssr::context()?;
    crate::ssr::answer(services.auth.reset_password(&origin, request.0).await)
}

/// Confirms an address, of a new account or a changed one, by a link.
#[server(prefix = "/api", endpoint = "auth/verify_email", protocol = Wire)]
pub async fn verify_email(token: Secret<String>) -> Result<(), ApiError> {
    let (services, origin) = crate::ssr::context()?;
    crate::ssr::answer(services.auth.verify_email(&origin, token.0).await)
}

/// Sends the link that confirms one's address again.
#[server(prefix = "/api", endpoint = "auth/resend_verification", protocol = Wire, client = Bearer)]
pub async fn resend_verification() -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.auth.resend_verification(&caller, None).await.map(|_| ()))
}

/// What a link would do. Consumes nothing.
#[server(prefix = "/api", endpoint = "auth/inspect_link", protocol = Wire)]
pub async fn inspect_link(token: Secret<String>) -> Result<Link, ApiError> {
    let (services, origin) = crate::ssr::context()?;
    crate::ssr::answer(services.auth.inspect_link(&origin, token.0).await)
}
