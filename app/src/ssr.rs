//! The server's side of pages and server functions: the only module that knows HTTP and the services.

use std::sync::Arc;

use http::{
    HeaderValue, StatusCode,
    header::{RETRY_AFTER, SET_COOKIE},
    request::Parts,
};
use leptos::{nonce::Nonce, prelude::*};
use leptos_axum::ResponseOptions;
use portreeve_contract::{
    ErrorKind, Problem,
    auth::{AccessToken, SignedUp},
    site::Site,
};
use portreeve_gateway::{Authorized, CspNonce};
use portreeve_services::{Caller, Origin, Services, auth};

use crate::{SiteFiles, error::ApiError, respond::Respond};

/// The refresh token, out of scripts' reach (RFC 6265bis §4.1.3.2 for the prefix).
const REFRESH_COOKIE: &str = "__Host-portreeve_refresh";
/// Tells one device from another, so that a new one can be told of.
const DEVICE_COOKIE: &str = "__Host-portreeve_device";
/// As long as browsers keep a cookie at most (RFC 6265bis §5.5).
const DEVICE_MAX_AGE: u64 = 400 * 24 * 60 * 60;

/// Puts what pages and server functions need into context. To be called for each request, by both of Leptos' handlers.
pub fn provide(services: &Services, site: Site) {
    provide_context(services.clone());
    provide_context(site);
    provide_context(Respond::new(set_status));
}

/// Puts what only pages need into context, which server functions are quicker without.
pub fn provide_page(files: Arc<SiteFiles>) {
    provide_context(files);
    // The gateway has the nonce in the policy that it sends; Leptos would make up another.
    if let Some(nonce) = with_context(|parts: &Parts| parts.extensions.get::<CspNonce>().cloned()).flatten() {
        provide_context(Nonce::from_value(nonce.as_str()));
    }
}

/// The services, and where the request comes from.
pub(crate) fn context() -> Result<(Services, Origin), ApiError> {
    Ok((services()?, of_request(portreeve_gateway::Origin::of)?.0))
}

/// The services, and who asks.
pub(crate) async fn caller() -> Result<(Services, Caller), ApiError> {
    Ok((services()?, of_request(Authorized::of)?.await.map_err(|refusal| refuse(refusal.0))?.0))
}

/// What the service said, with its status.
pub(crate) fn answer<T, E: Into<Problem>>(result: Result<T, E>) -> Result<T, ApiError> {
    result.map_err(|error| refuse(error.into()))
}

/// A session has been opened or carried on: the refresh token goes into its cookie, the access token to the page.
pub(crate) fn signed_in(result: Result<auth::SignedIn, auth::Error>) -> Result<AccessToken, ApiError> {
    match result {
        Ok(signed_in) => Ok(keep_refresh_token(signed_in)),
        Err(error) => {
            let problem = Problem::from(error);
            if problem.code == "session_over" {
                forget_refresh_token();
            }
            Err(refuse(problem))
        }
    }
}

/// An account has been made, or a mail is on its way.
pub(crate) fn signed_up(result: Result<auth::SignedUp, auth::Error>) -> Result<SignedUp, ApiError> {
    Ok(match answer(result)? {
        auth::SignedUp::SignedIn(signed_in) => SignedUp::SignedIn(keep_refresh_token(signed_in)),
        auth::SignedUp::VerificationSent => SignedUp::VerificationSent,
    })
}

/// The refresh token that the browser sent; empty if none.
pub(crate) fn refresh_token() -> String {
    let parts = use_context::<Parts>();
    let cookies = parts.iter().flat_map(|parts| parts.headers.get_all(http::header::COOKIE)).filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(REFRESH_COOKIE)?.strip_prefix('='))
        .unwrap_or_default()
        .to_owned()
}

/// Takes the cookie away.
pub(crate) fn forget_refresh_token() {
    set_cookie(REFRESH_COOKIE, "", 0);
}

/// This installation's public settings.
pub(crate) fn site() -> Site {
    use_context::<Site>().unwrap_or_else(|| expect_context::<Services>().site())
}

fn keep_refresh_token(signed_in: auth::SignedIn) -> AccessToken {
    set_cookie(REFRESH_COOKIE, &signed_in.refresh_token, signed_in.refresh_max_age);
    set_cookie(DEVICE_COOKIE, &signed_in.device_token, DEVICE_MAX_AGE);
    signed_in.access_token
}

fn set_cookie(name: &str, value: &str, max_age: u64) {
    let cookie = format!("{name}={value}; Path=/; Max-Age={max_age}; Secure; HttpOnly; SameSite=Strict");
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(cookie)) {
        response.append_header(SET_COOKIE, cookie);
    }
}

fn services() -> Result<Services, ApiError> {
    use_context::<Services>().ok_or_else(|| {
        tracing::error!("no services in a server function's context");
        refuse(internal())
    })
}

/// What is told by the request at hand.
fn of_request<T>(read: impl FnOnce(&Parts) -> T) -> Result<T, ApiError> {
    with_context(read).ok_or_else(|| refuse(internal()))
}

/// The one place where a problem becomes a server function's error. The services have logged the cause of a 5xx.
fn refuse(problem: Problem) -> ApiError {
    set_status(problem.kind.status());
    if let (Some(seconds), Some(response)) = (problem.retry_after, use_context::<ResponseOptions>()) {
        response.insert_header(RETRY_AFTER, HeaderValue::from(seconds));
    }
    problem.into()
}

fn set_status(code: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(code)) {
        response.set_status(status);
    }
}

fn internal() -> Problem {
    Problem::new(ErrorKind::Internal, "internal", "Something went wrong on our side. Try again in a moment.")
}
