//! From a bearer token (RFC 6750) to a caller.

use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use portreeve_contract::{ErrorKind, Problem};
use portreeve_services::Caller;

use crate::{Gateway, Origin, Refusal};

/// Extracts the [`Caller`]. The only way to have one in a handler, so none can forget to ask.
///
/// # Errors
/// 401 without a valid token of a live session.
#[derive(Clone, Debug)]
pub struct Authorized(pub Caller);

impl Authorized {
    /// From a request's parts, which are free again while the database is asked.
    pub fn of(parts: &Parts) -> impl Future<Output = Result<Self, Refusal>> + Send + use<> {
        let origin = Origin::of(parts).0;
        let gateway = parts.extensions.get::<Gateway>().cloned();
        let token = bearer(parts).map(str::to_owned);
        async move {
            let gateway = gateway.ok_or_else(|| Problem::new(ErrorKind::Internal, "internal", "Something went wrong on our side."))?;
            let token = token.ok_or_else(|| Problem::new(ErrorKind::Unauthenticated, "token_missing", "Sign in to go on."))?;
            let caller = gateway.services.auth.authenticate(origin, &token).await.map_err(Problem::from)?;
            Ok(Self(caller))
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Authorized {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Self::of(parts).await
    }
}

/// The token of the one `Authorization` header; the scheme's name is compared without case (RFC 9110 §11.1).
fn bearer(parts: &Parts) -> Option<&str> {
    let mut headers = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (headers.next(), headers.next()) else { return None };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
