//! What a browser is told not to do.

use std::sync::Arc;

use axum::response::Response;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderName, HeaderValue, header};
use portreeve_backends::Random;
use url::Url;

/// The nonce of this response's Content-Security-Policy (CSP 3 §2.3.3), 128 bits, in the request's extensions for whoever writes the page.
#[derive(Clone, Debug)]
pub struct CspNonce(Arc<str>);

impl CspNonce {
    pub(crate) fn new(random: &Random) -> Self {
        Self(BASE64_STANDARD.encode(random.bytes::<16>()).into())
    }

    /// As it stands in the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Says what goes for every answer, and for a page what it may do.
    pub(crate) fn guard(&self, response: &mut Response, public_url: &Url) {
        let headers = response.headers_mut();
        // With what others add: a map that grows on the way is built anew each time.
        headers.reserve(16);
        let is_html = headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
        // A route may have set a stricter policy of its own.
        if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
            let policy =
                if is_html { self.page_policy() } else { Some(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")) };
            if let Some(policy) = policy {
                headers.insert(header::CONTENT_SECURITY_POLICY, policy);
            }
        }
        if is_html {
            // The page carries a nonce, which must be new each time.
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        for (name, value) in [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "same-origin"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
            (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ] {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if public_url.scheme() == "https" {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
        }
    }

    fn page_policy(&self) -> Option<HeaderValue> {
        // In development the page listens for rebuilds on another port of this machine.
        let connect = if cfg!(debug_assertions) { "'self' ws://127.0.0.1:* ws://localhost:*" } else { "'self'" };
        let policy = format!(
            "default-src 'none'; script-src 'self' 'nonce-{}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; media-src 'self'; frame-src 'self'; font-src 'self'; \
             connect-src {connect}; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            self.as_str()
        );
        HeaderValue::try_from(policy).ok()
    }
}
