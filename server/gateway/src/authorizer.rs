//! From a bearer token (RFC 6750) to a caller.

use http::{HeaderMap, header, request::Parts};
use portreeve_contract::{ErrorKind, Problem, api_key};
use portreeve_services::Caller;

use crate::{
    Gateway, Origin, Refusal,
    metrics::Seen,
    throttle::{self, Tally},
};

/// Whether it is a key for machines that a request comes with.
pub(crate) fn is_key(headers: &HeaderMap) -> bool {
    bearer(headers).is_some_and(|token| token.starts_with(api_key::PREFIX))
}

/// Whom a request speaks for, by an access token or by a key. The only way to a [`Caller`]: the extractors of [`crate::scopes`] stand on it.
pub(crate) fn authorize(parts: &Parts) -> impl Future<Output = Result<Caller, Refusal>> + Send + use<> {
    let origin = Origin::of(parts).0;
    let gateway = parts.extensions.get::<Gateway>().cloned();
    let seen = parts.extensions.get::<Seen>().cloned();
    let token = bearer(&parts.headers).map(str::to_owned);
    let tally = parts.extensions.get::<Tally>().cloned();
    async move {
        let gateway = gateway.ok_or_else(|| Problem::new(ErrorKind::Internal, "internal", "Something went wrong on our side."))?;
        let token = token.ok_or_else(|| Problem::new(ErrorKind::Unauthenticated, "token_missing", "Sign in to go on."))?;
        let caller = if token.starts_with(api_key::PREFIX) {
            gateway.services.api_keys.authenticate(origin, &token).await
        } else {
            gateway.services.auth.authenticate(origin, &token).await
        };
        let caller = caller.map_err(Problem::from)?;
        if let Some(seen) = seen {
            seen.note(&caller);
        }
        throttle::caller(&gateway, tally.as_ref(), &caller).await?;
        Ok(caller)
    }
}

/// The token of the one `Authorization` header; the scheme's name is compared without case (RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut headers = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (headers.next(), headers.next()) else { return None };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
