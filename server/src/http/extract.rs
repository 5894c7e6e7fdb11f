//! What handlers take from a request, with problems where it cannot be taken.

use std::str::FromStr;

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, request::Parts};
use portreeve_contract::{ErrorKind, Problem};
use portreeve_gateway::{Refusal, respond};
use serde::{Serialize, de::DeserializeOwned};

/// A JSON body, or the answer.
#[derive(Clone, Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => {
                Err(Problem::new(ErrorKind::UnsupportedMediaType, "unsupported_media_type", "Send application/json.").into())
            }
            Err(rejection) => Err(Problem::new(ErrorKind::Malformed, "malformed", rejection.body_text()).into()),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The id in a path. One that cannot be read names nothing: 404.
#[derive(Clone, Copy, Debug)]
pub(super) struct Id<T>(pub(super) T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        path.ok().and_then(|axum::extract::Path(text)| text.parse().ok()).map(Self).ok_or_else(not_found)
    }
}

/// A query, or its defaults.
#[derive(Clone, Debug)]
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Problem::new(ErrorKind::Malformed, "malformed", rejection.body_text()).into()),
        }
    }
}

pub(super) fn not_found() -> Refusal {
    Problem::new(ErrorKind::NotFound, "not_found", "There is nothing here.").into()
}

/// The one header of that name, as text; nothing if there are two.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(only), None) => only.to_str().ok(),
        _ => None,
    }
}

/// The version in `If-Match` (RFC 9110 §13.1.1): `"3"`, or `*` for whichever it is.
///
/// # Errors
/// Anything else, since it matches nothing.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    match headers.get(http::header::IF_MATCH).map(|value| value.to_str().unwrap_or_default().trim()) {
        None | Some("*") => Ok(None),
        Some(tag) => match tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse().ok()) {
            Some(version) => Ok(Some(version)),
            None => Err(Problem::new(ErrorKind::PreconditionFailed, "changed", "No version of this has that entity tag.").into()),
        },
    }
}

/// What a service said, as a response.
pub(super) fn answer<T: IntoResponse, E: Into<Problem>>(result: Result<T, E>) -> Response {
    match result {
        Ok(value) => value.into_response(),
        Err(error) => respond(&error.into()),
    }
}
