//! How an operation takes its leave: it goes on working, and its answers say since when there is something better, and until when it is there.
//!
//! `Deprecation` is RFC 9745's, `Sunset` RFC 8594's. Both are declared where the operation is described, from where its description has them too:
//!
//! ```text
//! extensions(("x-deprecation" = json!("2027-01-01T00:00:00Z")), ("x-sunset" = json!("2027-07-01T00:00:00Z")))
//! ```

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use utoipa::openapi::{
    Deprecated, OpenApi,
    path::{Operation, PathItem},
};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// What the answers of such operations carry, by path and method.
#[derive(Debug, Default)]
pub(super) struct Retirements(HashMap<String, Vec<(Method, Retirement)>>);

#[derive(Debug)]
struct Retirement {
    deprecation: HeaderValue,
    sunset: Option<HeaderValue>,
}

impl Retirements {
    pub(super) fn of(document: &OpenApi) -> Self {
        let of_path = |(path, item): (&String, &PathItem)| {
            let PathItem { get, put, post, delete, head, patch, .. } = item;
            // HEAD is described by itself only where there is no GET.
            let methods = [
                (Method::GET, get),
                (Method::HEAD, if get.is_some() { get } else { head }),
                (Method::PUT, put),
                (Method::POST, post),
                (Method::DELETE, delete),
                (Method::PATCH, patch),
            ];
            let retirements: Vec<_> =
                methods.into_iter().filter_map(|(method, operation)| Some((method, Retirement::of(operation.as_ref()?)?))).collect();
            (!retirements.is_empty()).then(|| (path.clone(), retirements))
        };
        Self(document.paths.paths.iter().filter_map(of_path).collect())
    }

    /// Tells whoever calls such an operation.
    pub(super) fn tell(&self, path: &str, method: &Method, headers: &mut HeaderMap) {
        let Some((_, retirement)) = self.0.get(path).and_then(|methods| methods.iter().find(|(of, _)| of == method)) else { return };
        headers.insert(DEPRECATION, retirement.deprecation.clone());
        if let Some(sunset) = &retirement.sunset {
            headers.insert(SUNSET, sunset.clone());
        }
    }
}

impl Retirement {
    fn of(operation: &Operation) -> Option<Self> {
        // A date of RFC 9651 there, one of HTTP here.
        let deprecation = HeaderValue::try_from(format!("@{}", moment(operation, "x-deprecation")?.timestamp())).ok()?;
        let sunset = moment(operation, "x-sunset").and_then(|at| HeaderValue::try_from(httpdate::fmt_http_date(at.into())).ok());
        Some(Self { deprecation, sunset })
    }
}

/// Marks it in the description, for clients that are made from that.
pub(super) fn mark(operation: &mut Operation) {
    if moment(operation, "x-deprecation").is_some() {
        operation.deprecated = Some(Deprecated::True);
    }
}

fn moment(operation: &Operation, extension: &str) -> Option<DateTime<Utc>> {
    let text = operation.extensions.as_ref()?.get(extension)?.as_str()?;
    DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc())
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, extract::Request, middleware, response::Response};
    use serde_json::json;
    use tower::ServiceExt;
    use utoipa_axum::{router::OpenApiRouter, routes};

    use super::*;
    use crate::http::conventions::{self, Described, Forms};

    #[utoipa::path(get, path = "/v1/old", extensions(("x-deprecation" = json!("2027-01-01T00:00:00Z")), ("x-sunset" = json!("2027-07-01T00:00:00Z"))))]
    async fn old() {}

    #[utoipa::path(post, path = "/v1/old")]
    async fn new() {}

    fn router() -> (Router, OpenApi) {
        let (routes, mut document) = OpenApiRouter::<()>::new().routes(routes!(old, new)).split_for_parts();
        crate::http::openapi::complete(&mut document);
        (routes.layer(middleware::from_fn_with_state((Described::of(&document), Forms::Any), conventions::keep)), document)
    }

    async fn ask(method: Method) -> Response {
        router().0.oneshot(Request::builder().method(method).uri("/v1/old").body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn an_operation_that_takes_its_leave_says_so_in_each_answer() {
        for method in [Method::GET, Method::HEAD] {
            let answer = ask(method).await;
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers()["deprecation"], "@1798761600");
            assert_eq!(answer.headers()["sunset"], "Thu, 01 Jul 2027 00:00:00 GMT");
        }
        let answer = ask(Method::POST).await;
        assert!(answer.status() == 200 && !answer.headers().contains_key("deprecation") && !answer.headers().contains_key("sunset"));
    }

    #[test]
    fn its_description_says_so_too() {
        let paths = serde_json::to_value(router().1.paths).unwrap();
        assert_eq!((&paths["/v1/old"]["get"]["deprecated"], &paths["/v1/old"]["post"]["deprecated"]), (&json!(true), &json!(null)));
    }

    #[test]
    fn whatever_is_declared_can_be_read() {
        let (_, _, document) = crate::http::api::api();
        let mut declared = Vec::new();
        for item in document.paths.paths.values() {
            let PathItem { get, put, post, delete, head, patch, .. } = item;
            declared.extend([get, put, post, delete, head, patch].into_iter().flatten());
        }
        for operation in declared {
            for extension in ["x-deprecation", "x-sunset"] {
                let has = operation.extensions.as_ref().is_some_and(|extensions| extensions.contains_key(extension));
                assert_eq!(moment(operation, extension).is_some(), has, "{:?} {extension}", operation.operation_id);
            }
        }
    }
}
