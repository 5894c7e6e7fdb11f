//! Which pages of other origins may read answers (Fetch Standard §3.2).
//!
//! Nothing here is ever allowed with credentials: `/v1` reads no cookie, and Portreeve's own cookies go to no upstream. So a page of another origin can
//! read only what it has a token for, or what anybody may see.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use portreeve_contract::{ErrorKind, Problem};
use url::Url;

use crate::respond;

/// What a page may read of the API's answers beside what it always may.
const API_HEADERS: &str = "ETag, Location, Link, Retry-After, RateLimit, RateLimit-Policy, Accept-Ranges, Content-Disposition, Content-Range, Deprecation, \
                           Sunset, WWW-Authenticate, X-Request-Id, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, \
                           Upload-Offset, Upload-Length, Upload-Metadata, Upload-Expires";

/// Who may read the answers of one group of routes.
#[derive(Clone, Debug)]
pub struct Cors(Arc<Policy>);

#[derive(Debug)]
struct Policy {
    origins: Vec<HeaderValue>,
    max_age: Duration,
    exposed: &'static str,
    /// Whether an answer may say more itself, as the key set does, which anybody may read.
    yields: bool,
}

impl Cors {
    /// For Portreeve's own API. Pages and server functions have none, whatever is set.
    pub fn of_the_api(origins: &[Url], max_age: Duration) -> Self {
        Self::new(origins, max_age, API_HEADERS, true)
    }

    /// For an upstream.
    pub(crate) fn of_an_upstream(origins: &[Url], max_age: Duration) -> Self {
        Self::new(origins, max_age, "*", false)
    }

    fn new(origins: &[Url], max_age: Duration, exposed: &'static str, yields: bool) -> Self {
        let origins = origins.iter().filter_map(|url| HeaderValue::try_from(url.origin().ascii_serialization()).ok());
        Self(Arc::new(Policy { origins: origins.collect(), max_age, exposed, yields }))
    }

    /// What `request` has to hear of it.
    pub(crate) fn asked(&self, request: &Request) -> Option<Asked> {
        // A resource that is nobody else's is said to be so by silence.
        if self.0.origins.is_empty() {
            return None;
        }
        let headers = request.headers();
        let mut named = headers.get_all(header::ORIGIN).iter();
        let origin = named.next().filter(|_| named.next().is_none());
        let is_preflight =
            request.method() == Method::OPTIONS && origin.is_some() && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let origin = origin.filter(|origin| self.0.origins.contains(origin)).cloned();
        Some(Asked { policy: self.0.clone(), origin, is_preflight })
    }
}

/// Whether a path is of the API that other origins may use.
pub(crate) fn is_api(path: &str) -> bool {
    path == "/v1" || ["/v1/", "/.well-known/", "/oauth/"].iter().any(|start| path.starts_with(start))
}

/// A request for what pages of some other origins may read.
pub(crate) struct Asked {
    policy: Arc<Policy>,
    /// Whose page asks, if it may.
    origin: Option<HeaderValue>,
    is_preflight: bool,
}

impl Asked {
    /// The answer to a browser that asks whether it may ask.
    pub(crate) fn preflight(&self) -> Option<Response> {
        self.is_preflight.then(|| {
            if self.origin.is_none() {
                return respond(&Problem::new(ErrorKind::Forbidden, "origin_refused", "Pages of this origin may not use this."));
            }
            let mut response = StatusCode::NO_CONTENT.into_response();
            let headers = response.headers_mut();
            // A star does not stand for Authorization (Fetch Standard §4.8).
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization, *"));
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("*"));
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(self.policy.max_age.as_secs()));
            response
        })
    }

    /// Says in an answer who may read it. What an upstream says of that goes.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        if self.policy.yields && headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
            return;
        }
        if !self.is_preflight {
            let others: Vec<HeaderName> = headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
            for name in others {
                headers.remove(name);
            }
        }
        // Also where no origin was named: a cache must not give that answer to a page.
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = &self.origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            if !self.is_preflight {
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(self.policy.exposed));
            }
        }
    }
}
