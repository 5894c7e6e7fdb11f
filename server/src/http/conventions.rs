//! What goes for all of `/v1`: how it says no to a method, a path, or a form it cannot answer in, and how it spares an answer that one has already.

use std::{collections::HashMap, sync::Arc};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use headers::{ETag, HeaderMapExt, IfNoneMatch};
use headers_accept::Accept;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use mediatype::MediaType;
use portreeve_contract::{ErrorKind, Problem};
use portreeve_gateway::respond;
use utoipa::openapi::{OpenApi, path::PathItem};

use super::{extract::not_found, retirement::Retirements};

/// What the description says of each path.
#[derive(Clone, Debug)]
pub(super) struct Described(Arc<Paths>);

#[derive(Debug)]
struct Paths {
    /// Its methods, as `Allow` lists them (RFC 9110 §10.2.1).
    methods: HashMap<String, HeaderValue>,
    retirements: Retirements,
}

impl Described {
    pub(super) fn of(document: &OpenApi) -> Self {
        let listed = |(path, item): (&String, &PathItem)| {
            let methods = [
                ("GET, HEAD", &item.get),
                ("HEAD", &item.head),
                ("POST", &item.post),
                ("PUT", &item.put),
                ("PATCH", &item.patch),
                ("DELETE", &item.delete),
            ];
            let described = methods.into_iter().filter(|(_, operation)| operation.is_some()).map(|(name, _)| name);
            let list = described.chain(["OPTIONS"]).collect::<Vec<_>>().join(", ");
            Some((path.clone(), HeaderValue::try_from(list).ok()?))
        };
        let methods = document.paths.paths.iter().filter_map(listed).collect();
        Self(Arc::new(Paths { methods, retirements: Retirements::of(document) }))
    }
}

/// What routes answer in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Forms {
    /// JSON and nothing else: who does not take it is told so before anything is done.
    Json,
    Any,
}

/// For every route.
pub(super) async fn keep(State((Described(paths), forms)): State<(Described, Forms)>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.extensions().get::<MatchedPath>().cloned());
    let seen = request.headers().typed_get::<IfNoneMatch>();
    let mut response = match forms {
        Forms::Json if !takes_json(request.headers()) => {
            respond(&Problem::new(ErrorKind::NotAcceptable, "not_acceptable", "This answers in application/json."))
        }
        _ => next.run(request).await,
    };
    // What is said to one caller is nobody else's.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    if let Some(path) = &path {
        paths.retirements.tell(path.as_str(), &method, response.headers_mut());
    }
    match response.status() {
        // Axum's own, which tells its methods only once the answer is past all layers.
        StatusCode::METHOD_NOT_ALLOWED if !response.headers().contains_key(header::ALLOW) => {
            let allowed = path.and_then(|path| paths.methods.get(path.as_str()).cloned());
            other_method(&method, allowed.unwrap_or(HeaderValue::from_static("OPTIONS")))
        }
        StatusCode::OK if method.is_safe() => unless_seen(seen, response),
        _ => response,
    }
}

/// RFC 9110 §9.3.7 and §15.5.6.
fn other_method(method: &Method, allowed: HeaderValue) -> Response {
    let mut response = if method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        let title = format!("Use one of {}.", allowed.to_str().unwrap_or_default());
        respond(&Problem::new(ErrorKind::MethodNotAllowed, "method_not_allowed", title))
    };
    response.headers_mut().insert(header::ALLOW, allowed);
    response
}

/// RFC 9110 §13.1.2.
fn unless_seen(seen: Option<IfNoneMatch>, response: Response) -> Response {
    let (Some(seen), Some(etag)) = (seen, response.headers().typed_get::<ETag>()) else { return response };
    if seen.precondition_passes(&etag) {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    Response::from_parts(parts, Body::empty())
}

/// Whether JSON will do (RFC 9110 §12.5.1).
fn takes_json(headers: &HeaderMap) -> bool {
    const JSON: [MediaType<'_>; 2] = [
        MediaType::new(mediatype::names::APPLICATION, mediatype::names::JSON),
        MediaType::from_parts(mediatype::names::APPLICATION, mediatype::Name::new_unchecked("problem"), Some(mediatype::names::JSON), &[]),
    ];
    headers.typed_get::<Accept>().is_none_or(|accept| accept.negotiate(&JSON).is_some())
}

/// Where nothing is.
pub(super) async fn nothing() -> Response {
    not_found().into_response()
}
