//! What kind of request it is, by method and path: the one place that says so.

use axum::extract::{MatchedPath, Request};
use http::Method;
use portreeve_backends::limits::CLASSES;
use portreeve_config::{Plan, Rate};

/// What a plan can have a bucket of its own for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Signing up, in and out; refreshing; what mailed links do.
    Auth,
    /// Reading from the API.
    Read,
    /// Changing something by it.
    Write,
    /// Sending files.
    Upload,
    /// For a service behind the gateway.
    Upstream,
    /// Pages, and the functions that they call.
    Page,
}

/// Classes are numbered in the limits' engines.
const _: () = assert!(Class::ALL.len() <= CLASSES);

impl Class {
    /// By their numbers.
    pub(crate) const ALL: [Self; 6] = [Self::Auth, Self::Read, Self::Write, Self::Upload, Self::Upstream, Self::Page];

    /// Of a request; `None` for what is free: the health check, and the files that every page loads.
    pub(crate) fn of(request: &Request, for_upstream: bool) -> Option<Self> {
        if for_upstream {
            return Some(Self::Upstream);
        }
        let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        if is_free(route) { None } else { Some(Self::by_path(request.method(), request.uri().path())) }
    }

    fn by_path(method: &Method, path: &str) -> Self {
        let is_below = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if is_below("/v1/auth") || is_below("/api/auth") {
            Self::Auth
        } else if is_below("/v1/uploads") || path == "/v1/files" && *method == Method::POST {
            Self::Upload
        } else if !(is_below("/v1") || is_below("/content") || is_below("/.well-known")) {
            Self::Page
        } else if reads {
            Self::Read
        } else {
            Self::Write
        }
    }

    /// Its bucket of its own, if the plan has one.
    pub(crate) fn rate(self, plan: &Plan) -> Option<&Rate> {
        let Plan { auth, read, write, upload, upstream, page, .. } = plan;
        match self {
            Self::Auth => auth,
            Self::Read => read,
            Self::Write => write,
            Self::Upload => upload,
            Self::Upstream => upstream,
            Self::Page => page,
        }
        .as_ref()
    }

    /// As in the configuration.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Read => "read",
            Self::Write => "write",
            Self::Upload => "upload",
            Self::Upstream => "upstream",
            Self::Page => "page",
        }
    }
}

/// By the route and not by the path, so that nothing that is not there is free.
fn is_free(route: &str) -> bool {
    let lies_beside = route.strip_prefix('/').is_some_and(|name| !name.contains(['/', '{']) && name.contains('.'));
    lies_beside || matches!(route, "/health" | "/pkg/{*path}" | "/fonts/{*path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_methods_tell_the_class() {
        for (method, path, expected) in [
            (Method::POST, "/v1/auth/sign-in", Class::Auth),
            (Method::POST, "/api/auth/refresh", Class::Auth),
            (Method::GET, "/v1/me", Class::Read),
            (Method::HEAD, "/content/abc", Class::Read),
            (Method::PATCH, "/v1/me", Class::Write),
            (Method::POST, "/v1/files", Class::Upload),
            (Method::GET, "/v1/files", Class::Read),
            (Method::HEAD, "/v1/uploads/7", Class::Upload),
            (Method::DELETE, "/v1/uploadsome", Class::Write),
            (Method::POST, "/api/users/profile", Class::Page),
            (Method::GET, "/v1x", Class::Page),
            (Method::GET, "/", Class::Page),
        ] {
            assert_eq!(Class::by_path(&method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn free_is_what_every_page_loads_and_no_more() {
        for route in ["/health", "/pkg/{*path}", "/fonts/{*path}", "/favicon.svg"] {
            assert!(is_free(route), "{route}");
        }
        for route in ["", "/", "/v1/openapi.json", "/.well-known/jwks.json", "/api/{*function}", "/shared/{token}", "/{name}.svg"] {
            assert!(!is_free(route), "{route}");
        }
    }
}
