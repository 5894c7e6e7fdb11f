//! Pages and the server functions that they call.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{FromRef, Request},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::any,
};
use http::{HeaderMap, HeaderValue, Uri, header, request::Parts, uri::Authority};
use leptos::prelude::{LeptosOptions, with_context};
use leptos_axum::LeptosRoutes;
use portreeve_app::{App, Pieces, SiteFiles, shell};
use portreeve_contract::{ErrorKind, Problem};
use portreeve_gateway::respond;
use portreeve_services::Services;
use url::Url;

use crate::site;

/// Every page, every server function, and the files that they are made of.
pub(super) fn router(services: &Services, public_url: &Url) -> Router {
    let mut options = LeptosOptions::builder().output_name("portreeve").build();
    // `cargo leptos watch` says where a page hears of rebuilds.
    if let Some(port) = std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok()) {
        options.reload_port = port;
    }
    let options = Options(Arc::new(options));
    let provide = context(services, public_url);
    let page = {
        let options = options.clone();
        move || shell(LeptosOptions::from_ref(&options))
    };
    Router::new()
        .route("/api/{*function}", any(unknown_function))
        .leptos_routes_with_context(&options, leptos_axum::generate_route_list(App), provide.clone(), page.clone())
        .fallback(leptos_axum::render_app_async_with_context(provide, page))
        .merge(site::router())
        .layer(middleware::from_fn(answer_function))
        .with_state(options)
}

/// Leptos' options, which are copied for each request several times.
#[derive(Clone)]
struct Options(Arc<LeptosOptions>);

impl FromRef<Options> for LeptosOptions {
    fn from_ref(options: &Options) -> Self {
        Self::clone(&options.0)
    }
}

/// What is put into Leptos' context for each request.
fn context(services: &Services, public_url: &Url) -> impl Fn() + Clone + Send + Sync + 'static {
    let services = services.clone();
    let plain_http = public_url.scheme() == "http";
    let site::SiteFiles { css, js, wasm, pieces } = site::files();
    let pieces = pieces.map(|site::Pieces { js, chunks }| Pieces { js, chunks: chunks.into() });
    let files = Arc::new(SiteFiles { css, js, wasm, pieces });
    move || {
        let (function, this_machine) =
            with_context(|parts: &Parts| (is_function(&parts.uri), is_this_machine(&parts.headers))).unwrap_or((false, true));
        let mut site = services.site();
        site.insecure = plain_http && !this_machine;
        portreeve_app::ssr::provide(&services, site);
        if !function {
            portreeve_app::ssr::provide_page(files.clone());
        }
    }
}

fn is_function(uri: &Uri) -> bool {
    uri.path().starts_with("/api/")
}

/// Whether the page was asked for under a name that browsers trust without TLS (Secure Contexts §3.1).
fn is_this_machine(headers: &HeaderMap) -> bool {
    let authority = headers.get(header::HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let Some(host) = authority.as_ref().map(Authority::host) else { return false };
    match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// What a server function answers is nobody's to keep, and an error of its is a problem like any other.
async fn answer_function(request: Request, next: Next) -> Response {
    let function = is_function(request.uri());
    let mut response = next.run(request).await;
    if !function {
        return response;
    }
    if response.headers().contains_key("serverfnerror") {
        return as_problem(response).await;
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A request that could not even be read never reached a function that would have set the status: the problem in the body says it.
async fn as_problem(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, 64 * 1024).await else { return parts.status.into_response() };
    let Ok(problem) = serde_json::from_slice::<Problem>(&bytes) else { return Response::from_parts(parts, Body::from(bytes)) };
    let mut response = respond(&problem);
    for (name, value) in &parts.headers {
        if *name == header::SET_COOKIE {
            response.headers_mut().append(name, value.clone());
        }
    }
    // The client of server functions knows an error by this header as well as by the status.
    if let Some(value) = parts.headers.get("serverfnerror") {
        response.headers_mut().insert("serverfnerror", value.clone());
    }
    response
}

async fn unknown_function() -> Response {
    respond(&Problem::new(ErrorKind::NotFound, "not_found", "There is nothing here."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_trust_this_machine_without_tls() {
        let asked = |host: &str| is_this_machine(&HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]));
        assert!(["127.0.0.1:3000", "localhost:3000", "[::1]:3000", "app.localhost"].into_iter().all(asked));
        assert!(!["192.168.1.5:3000", "portreeve.example", "localhost.example.org", ""].into_iter().any(asked));
    }
}
