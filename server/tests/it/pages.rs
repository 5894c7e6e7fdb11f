//! Pages as they come from the server.

use crate::support::TestApp;

const PAGES: [&str; 15] = [
    "/",
    "/sign-up",
    "/sign-in",
    "/forgot-password",
    "/reset-password",
    "/verify-email",
    "/setup",
    "/files",
    "/files/01a1fc93-afa2-716e-a8a8-25f49aad7109",
    "/account",
    "/account/security",
    "/admin/users",
    "/admin/users/01a1fc93-afa2-716e-a8a8-25f49aad7109",
    "/admin/service-accounts",
    "/admin/service-accounts/01a1fc93-afa2-716e-a8a8-25f49aad7109",
];

#[tokio::test]
async fn every_page_is_served_under_a_strict_policy_with_its_own_nonce() {
    let app = TestApp::start().await;
    for page in PAGES {
        let (one, two) = (app.get(page).await.ok(), app.get(page).await.ok());
        let policy = one.headers["content-security-policy"].to_str().unwrap();
        let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0;
        assert!(
            policy.contains("default-src 'none'") && policy.contains("style-src 'self';") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        assert_ne!(one.headers["content-security-policy"], two.headers["content-security-policy"], "{page}");
        let scripts = one.text.matches("<script").count();
        assert_eq!(one.text.matches(&format!("nonce=\"{nonce}\"")).count(), scripts, "{page}: each script carries the nonce");
        assert!(!one.text.contains(" style=") && !one.text.contains(" onclick="), "{page}");
        assert_eq!(one.text.matches("<h1").count(), 1, "{page}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(one.headers[name], value, "{page}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_with_status_404() {
    let app = TestApp::start().await;
    for path in ["/nothing", "/admin", "/account/nothing", "/sign-in/x", "/nothing%20at%20all"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text.contains("<h1"), "{path}");
    }
    for path in ["/%00", "/..%2f..%2fetc/passwd"] {
        app.get(path).await.assert_problem(400, "path_refused");
    }
}

#[tokio::test]
async fn hsts_is_for_https_only() {
    let app = TestApp::start().await;
    assert!(!app.get("/").await.headers.contains_key("strict-transport-security"));
    let app = TestApp::start_with(&[("PORTREEVE__PUBLIC_URL", "https://portreeve.example")]).await;
    assert!(app.get("/").await.headers["strict-transport-security"].to_str().unwrap().starts_with("max-age=31536000"));
}

#[tokio::test]
async fn plain_http_to_another_machine_is_told_on_the_page() {
    let app = TestApp::start().await;
    let at = |host: &'static str| app.send(move |client, url| client.get(format!("{url}/sign-in")).header("host", host));
    assert!(at("192.0.2.1:3000").await.text.contains("HTTPS"));
    assert!(!at("localhost:3000").await.text.contains("HTTPS"));
}

#[tokio::test]
async fn nothing_internal_answers_on_the_public_listener_but_a_plain_health() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/health").await.ok().text, "ok\n");
    for path in ["/health/live", "/health/ready", "/metrics"] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
    let internal = reqwest::get(format!("{}/health/ready", app.internal_url)).await.unwrap();
    assert_eq!(internal.status(), 200);
}

#[tokio::test]
async fn a_page_has_a_name_in_the_log_and_no_secret_in_its_address_is_sent_on() {
    let app = TestApp::start().await;
    let answer = app.get("/reset-password?token=abc").await.ok();
    assert_eq!(answer.headers["x-request-id"].len(), 32);
    assert_eq!(answer.headers["referrer-policy"], "same-origin");
}
