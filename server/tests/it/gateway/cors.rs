//! Pages of other origins.

use http::HeaderMap;
use reqwest::Method;

use super::orders;
use crate::support::{Answer, Service, TestApp};

const OURS: &str = "https://app.example.org";

async fn app(service: &Service) -> TestApp {
    let file = format!(
        "[gateway.cors]\nallowed_origins = ['{OURS}', 'http://localhost:5173']\n{}",
        orders(&[&service.url()], "access = 'public'\nallowed_origins = ['https://shop.example.org']")
    );
    TestApp::start_on(&[], &file).await
}

async fn ask(app: &TestApp, method: Method, path: &str, headers: &[(&'static str, &str)]) -> Answer {
    let mut sent = HeaderMap::new();
    for (name, value) in headers {
        sent.append(*name, value.parse().unwrap());
    }
    app.send(|client, url| client.request(method, format!("{url}{path}")).headers(sent)).await
}

async fn preflight(app: &TestApp, path: &str, origin: &str) -> Answer {
    let headers =
        [("origin", origin), ("access-control-request-method", "PATCH"), ("access-control-request-headers", "authorization,if-match")];
    ask(app, Method::OPTIONS, path, &headers).await
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let mut all = answer.headers.get_all(name).iter();
    let first = all.next()?;
    assert!(all.next().is_none(), "{name} twice");
    first.to_str().ok()
}

fn varies_by_origin(answer: &Answer) -> bool {
    answer
        .headers
        .get_all("vary")
        .iter()
        .any(|value| value.to_str().unwrap().split(',').any(|name| name.trim().eq_ignore_ascii_case("origin")))
}

#[track_caller]
fn assert_closed(answer: &Answer) {
    let told: Vec<_> = answer.headers.keys().filter(|name| name.as_str().starts_with("access-control-")).collect();
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_uses_the_api_with_its_token() {
    let service = Service::echo().await;
    let app = app(&service).await;
    for path in ["/v1/me", "/v1/files", "/v1/uploads", "/.well-known/jwks.json", "/oauth/token"] {
        let answer = preflight(&app, path, OURS).await;
        assert_eq!((answer.status.as_u16(), header(&answer, "access-control-allow-origin")), (204, Some(OURS)), "{path}");
        assert_eq!(header(&answer, "access-control-allow-headers"), Some("Authorization, *"));
        assert_eq!(header(&answer, "access-control-allow-methods"), Some("*"));
        assert_eq!(header(&answer, "access-control-max-age"), Some("600"));
        assert!(varies_by_origin(&answer) && header(&answer, "access-control-allow-credentials").is_none());
    }
    let ada = app.person("ada").await;
    let bearer = format!("Bearer {}", ada.access_token());
    let answer = ask(&app, Method::GET, "/v1/me", &[("origin", OURS), ("authorization", &bearer)]).await.ok();
    assert_eq!(header(&answer, "access-control-allow-origin"), Some(OURS));
    let exposed = header(&answer, "access-control-expose-headers").expect("what may be read");
    for name in ["ETag", "Location", "Link", "Retry-After", "RateLimit", "RateLimit-Policy", "Upload-Offset", "Tus-Resumable"] {
        assert!(exposed.split(", ").any(|exposed| exposed == name), "{name}");
    }
    assert!(header(&answer, "access-control-allow-credentials").is_none() && varies_by_origin(&answer));
    // A refusal can be read, too; or a page could not tell what went wrong.
    let refused = ask(&app, Method::GET, "/v1/me", &[("origin", "http://localhost:5173")]).await;
    refused.assert_problem(401, "token_missing");
    assert_eq!(header(&refused, "access-control-allow-origin"), Some("http://localhost:5173"));
}

#[tokio::test]
async fn any_other_origin_and_none_at_all_read_nothing() {
    let service = Service::echo().await;
    let app = app(&service).await;
    for origin in [
        "null",
        "https://app.example.org.evil.example",
        "https://evil-app.example.org",
        "http://app.example.org",
        "https://app.example.org:8443",
        "https://APP.example.org",
        "https://shop.example.org",
        "*",
    ] {
        let refused = preflight(&app, "/v1/me", origin).await;
        refused.assert_problem(403, "origin_refused");
        assert_closed(&refused);
        let answer = ask(&app, Method::GET, "/v1/openapi.json", &[("origin", origin)]).await.ok();
        assert_closed(&answer);
        assert!(varies_by_origin(&answer), "{origin}");
    }
    let twice = ask(&app, Method::GET, "/v1/openapi.json", &[("origin", OURS), ("origin", "null")]).await.ok();
    assert_closed(&twice);
    let without = ask(&app, Method::GET, "/v1/openapi.json", &[]).await.ok();
    assert!(varies_by_origin(&without), "a cache must not give this answer to a page");
    assert_closed(&without);
}

#[tokio::test]
async fn pages_and_what_they_call_are_for_no_other_origin() {
    let service = Service::echo().await;
    let app = app(&service).await;
    for path in ["/", "/sign-in", "/api/auth/refresh", "/health", "/docs", "/v1x"] {
        assert_closed(&preflight(&app, path, OURS).await);
        assert_closed(&ask(&app, Method::GET, path, &[("origin", OURS)]).await);
    }
    let headers = [("origin", OURS), ("content-type", "application/json")];
    let answer = ask(&app, Method::POST, "/api/auth/refresh", &headers).await;
    answer.assert_problem(403, "cross_origin");
    assert_closed(&answer);
}

#[tokio::test]
async fn an_upstream_has_origins_of_its_own() {
    let service = Service::echo().await;
    let app = app(&service).await;
    let allowed = preflight(&app, "/orders/7", "https://shop.example.org").await;
    assert_eq!((allowed.status.as_u16(), header(&allowed, "access-control-allow-origin")), (204, Some("https://shop.example.org")));
    preflight(&app, "/orders/7", OURS).await.assert_problem(403, "origin_refused");
    assert_eq!(service.asked(), 0, "the gateway answers for it");
    let answer = ask(&app, Method::GET, "/orders/7", &[("origin", "https://shop.example.org")]).await.ok();
    assert_eq!(header(&answer, "access-control-expose-headers"), Some("*"));
    assert_closed(&ask(&app, Method::GET, "/orders/7", &[("origin", OURS)]).await.ok());
}

#[tokio::test]
async fn what_an_upstream_says_itself_goes_where_portreeve_says_it() {
    let said = b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Credentials: true\r\nContent-Length: 0\r\n\r\n";
    let service = Service::saying(said).await;
    let app = app(&service).await;
    assert_closed(&ask(&app, Method::GET, "/orders/7", &[("origin", OURS)]).await.ok());
    let answer = ask(&app, Method::GET, "/orders/7", &[("origin", "https://shop.example.org")]).await.ok();
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("https://shop.example.org"));
    assert!(header(&answer, "access-control-allow-credentials").is_none());
}

#[tokio::test]
async fn without_a_word_nobody_else_is_let_in() {
    let app = TestApp::start().await;
    assert_closed(&ask(&app, Method::GET, "/v1/openapi.json", &[("origin", OURS)]).await.ok());
    // The keys that tokens are checked with are everybody's, with a list or without.
    let service = Service::echo().await;
    for app in [&app, &self::app(&service).await] {
        let keys = ask(app, Method::GET, "/.well-known/jwks.json", &[("origin", "https://shop.example.org")]).await.ok();
        assert_eq!(header(&keys, "access-control-allow-origin"), Some("*"));
    }
    assert_closed(&preflight(&app, "/v1/me", OURS).await);
}
