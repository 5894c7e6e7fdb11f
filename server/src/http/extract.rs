//! What handlers take from a request, with problems where it cannot be taken.

use std::str::FromStr;

use axum::{
    body::{Body, HttpBody as _},
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use headers::{ContentType, HeaderMapExt};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use portreeve_contract::{ErrorKind, FieldError, Problem};
use portreeve_gateway::{Refusal, respond};
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use utoipa::{
    IntoParams, PartialSchema,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

/// A JSON body, or the answer.
#[derive(Clone, Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        if !is_json(request.headers()) {
            return Err(Problem::new(ErrorKind::UnsupportedMediaType, "unsupported_media_type", "Send application/json.").into());
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| Problem::new(ErrorKind::Malformed, "malformed", rejection.body_text()))?;
        parse(&bytes).map(Self)
    }
}

/// JSON, or anything made of it (RFC 6839), such as a merge patch.
fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.typed_get::<ContentType>().map(mime_guess::Mime::from);
    declared.is_some_and(|it| it.type_() == "application" && (it.subtype() == "json" || it.suffix().is_some_and(|suffix| suffix == "json")))
}

/// What is no JSON cannot be read; JSON that does not fit is not accepted, and the place is told.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let malformed = |error: &serde_json::Error| Problem::new(ErrorKind::Malformed, "malformed", format!("This is not JSON: {error}."));
    // Serde would take an array's items for the members, in their order; none of ours is sent as one.
    if bytes.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| malformed(&error))?;
        let error = FieldError {
            pointer: String::new(),
            code: "wrong_shape".to_owned(),
            detail: "This does not fit: it has to be an object.".to_owned(),
        };
        return Err(Problem::invalid(vec![error]).into());
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| if error.inner().is_data() { misfit(&error) } else { malformed(error.inner()) })?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

/// Serde tells of a member that is missing or one too many only in words, at the place of what it should or should not be in.
fn misfit(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let (words, place) = (error.inner().to_string(), pointer(error.path()));
    // Up to the last of what can follow: the name is the sender's, and may hold all of that.
    let unknown = words.strip_prefix("unknown field `").and_then(|rest| {
        let ends = ["`, expected ", "`, there are no fields"];
        ends.into_iter().find_map(|end| rest.rsplit_once(end)).map(|(name, _)| name)
    });
    let (code, pointer, detail) = if let Some(name) = words.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        ("required", format!("{place}/{}", escape(name)), "This is missing.".to_owned())
    } else if let Some(name) = unknown {
        (
            "unknown",
            format!("{}/{}", place.strip_suffix(&format!("/{}", escape(name))).unwrap_or(&place), escape(name)),
            "There is no such member.".to_owned(),
        )
    } else {
        let detail = words.rsplit_once(" at line ").map_or(&*words, |(detail, _)| detail);
        ("wrong_shape", place, format!("This does not fit: {detail}."))
    };
    Problem::invalid(vec![FieldError { pointer, code: code.to_owned(), detail }])
}

/// RFC 6901.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment::{Enum, Map, Seq, Unknown};
    let segment = |segment: &serde_path_to_error::Segment| match segment {
        Seq { index } => index.to_string(),
        Map { key } => escape(key),
        Enum { variant } => variant.clone(),
        Unknown => String::new(),
    };
    path.iter().flat_map(|part| ["/".to_owned(), segment(part)]).collect()
}

fn escape(member: &str) -> String {
    member.replace('~', "~0").replace('/', "~1")
}

/// A JSON body, or none.
#[derive(Clone, Debug)]
pub(super) struct MaybeJson<T>(pub(super) Option<T>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for MaybeJson<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let none = !request.headers().contains_key(header::CONTENT_TYPE) && request.body().is_end_stream();
        if none { Ok(Self(None)) } else { Json::from_request(request, state).await.map(|Json(body)| Self(Some(body))) }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    /// Into room for most answers and their headers: axum's own begins small, and grows by copying.
    fn into_response(self) -> Response {
        let mut body = Vec::with_capacity(BODY);
        match serde_json::to_writer(&mut body, &self.0) {
            Ok(()) => {
                let mut response = Response::new(Body::from(body));
                let headers = response.headers_mut();
                headers.reserve(HEADERS);
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Err(error) => {
                tracing::error!(%error, "writing an answer");
                respond(&Problem::new(ErrorKind::Internal, "internal", "Something went wrong on our side."))
            }
        }
    }
}

/// Bytes.
const BODY: usize = 512;
/// With those of the gateway.
const HEADERS: usize = 24;

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
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
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
        // Entity tags are compared to the letter (§8.8.3.2): `"03"` is another one than `"3"`.
        Some(tag) => match tag.trim_matches('"').parse().ok().filter(|version: &u64| format!("\"{version}\"") == tag) {
            Some(version) => Ok(Some(version)),
            None => Err(Problem::new(ErrorKind::PreconditionFailed, "changed", "No version of this has that entity tag.").into()),
        },
    }
}

/// The version that an edit is meant for, from `If-Match`, which has to be sent (RFC 6585 §3): two who edit at once must not undo each other's
/// work unknowingly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen(pub(super) Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for Seen {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        if !parts.headers.contains_key(header::IF_MATCH) {
            let title = "Send If-Match with the ETag that you read, or with * for whichever version it is.";
            return Err(Problem::new(ErrorKind::PreconditionRequired, "precondition_required", title).into());
        }
        if_match(&parts.headers).map(Self)
    }
}

impl IntoParams for Seen {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let version = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some("The `ETag` of the version that was read, or `*` for whichever it is."))
            .schema(Some(String::schema()))
            .build();
        vec![version]
    }
}

/// An answer, marked if it is that of an earlier request.
pub(super) fn replayed(is_repeated: bool, answer: impl IntoResponse) -> Response {
    const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
    let mut response = answer.into_response();
    if is_repeated {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// `Idempotency-Key`, if there is one (draft-ietf-httpapi-idempotency-key-header): a string that the sender chose, the same each time it
/// sends the same request.
#[derive(Clone, Debug)]
pub(super) struct IdempotencyKey(pub(super) Option<String>);

impl IdempotencyKey {
    /// As it is written in the description; HTTP does not mind (RFC 9110 §5.1).
    pub(super) const NAME: &str = "Idempotency-Key";
    const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
    /// Characters.
    const MAX: usize = 255;
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        if !parts.headers.contains_key(&Self::HEADER) {
            return Ok(Self(None));
        }
        let key = text(&parts.headers, &Self::HEADER).filter(|key| (1..=Self::MAX).contains(&key.len()));
        let title = || format!("Send one Idempotency-Key of 1 to {} characters.", Self::MAX);
        let key = key.ok_or_else(|| Problem::new(ErrorKind::Malformed, "malformed_idempotency_key", title()))?;
        Ok(Self(Some(key.to_owned())))
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let key = ParameterBuilder::new()
            .name(Self::NAME)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "1 to 255 characters, yours to choose: the same request again within 24 hours has no further effect, and gets the same answer unless \
                 that held a secret.",
            ))
            .schema(Some(String::schema()))
            .build();
        vec![key]
    }
}

/// Something that is edited, with its version as entity tag (RFC 9110 §8.8.3).
pub(super) fn tagged(version: u64, body: impl Serialize) -> Response {
    ([(header::ETAG, format!("\"{version}\""))], Json(body)).into_response()
}

/// What a service said, as a response.
pub(super) fn answer<T: IntoResponse, E: Into<Problem>>(result: Result<T, E>) -> Response {
    match result {
        Ok(value) => value.into_response(),
        Err(error) => respond(&error.into()),
    }
}

#[cfg(test)]
mod tests {
    use portreeve_contract::user::ProfileChange;

    use super::*;

    fn version(tag: &'static str) -> Result<Option<u64>, ()> {
        let headers = HeaderMap::from_iter([(header::IF_MATCH, http::HeaderValue::from_static(tag))]);
        if_match(&headers).map_err(drop)
    }

    #[test]
    fn entity_tags_are_compared_to_the_letter() {
        assert_eq!(["\"3\"", "*"].map(version), [Ok(Some(3)), Ok(None)]);
        for tag in ["\"03\"", "\"+3\"", "\"\"3\"\"", "3", "W/\"3\"", "\"\"", "", "\"3\", \"4\""] {
            assert_eq!(version(tag), Err(()), "{tag}");
        }
    }

    #[test]
    fn a_member_one_too_many_is_told_whatever_it_is_called() {
        for (json, pointer) in [
            (r#"{"nam":1}"#, "/nam"),
            (r#"{"a`b":1}"#, "/a`b"),
            (r#"{"a`, expected `b":1}"#, "/a`, expected `b"),
            (r#"{"a/b~":1}"#, "/a~1b~0"),
            (r#"{"":1}"#, "/"),
        ] {
            let Err(Refusal(problem)) = parse::<ProfileChange>(json.as_bytes()) else { panic!("{json} was taken") };
            assert_eq!((&*problem.errors[0].code, &*problem.errors[0].pointer), ("unknown", pointer), "{json}");
        }
    }

    #[test]
    fn a_patch_is_an_object_and_takes_nothing_away_that_has_to_be_there() {
        for (json, pointer) in [
            (r#"["Ada"]"#, ""),
            ("[]", ""),
            (" [[]]", ""),
            ("null", ""),
            ("7", ""),
            (r#"{"name":null}"#, "/name"),
            (r#"{"name":["Ada"]}"#, "/name"),
        ] {
            let Err(Refusal(problem)) = parse::<ProfileChange>(json.as_bytes()) else { panic!("{json} was taken") };
            assert_eq!((&*problem.errors[0].code, &*problem.errors[0].pointer), ("wrong_shape", pointer), "{json}");
        }
        let Err(Refusal(problem)) = parse::<ProfileChange>(b"[1,") else { panic!("half of an array was taken") };
        assert_eq!(problem.code, "malformed");
        assert!(parse::<ProfileChange>(b"{}").is_ok_and(|change| change.name.is_none()));
    }
}
