//! Requests that another site, or another port of this host, makes a browser send.

use reqwest::header::HeaderMap;
use serde_json::json;

use crate::support::{Answer, Person, TestApp};

/// The functions that act on the cookie alone.
const BY_COOKIE: [&str; 2] = ["auth/refresh", "auth/sign_out"];

async fn send(ada: &Person<'_>, function: &str, headers: &[(&'static str, &str)], body: &'static str) -> Answer {
    let mut all = HeaderMap::new();
    all.insert("cookie", format!("__Host-portreeve_refresh={}", ada.refresh_token()).parse().unwrap());
    for (name, value) in headers {
        all.insert(*name, value.parse().unwrap());
    }
    ada.app.send(|client, url| client.post(format!("{url}/api/{function}")).headers(all).body(body)).await
}

#[tokio::test]
async fn another_port_of_this_host_is_refused_and_the_cookie_untouched() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for function in BY_COOKIE {
        for site in ["same-site", "cross-site", "none"] {
            let answer = send(&ada, function, &[("sec-fetch-site", site), ("content-type", "application/json")], "{}").await;
            answer.assert_problem(403, "cross_origin");
            assert_eq!(answer.cookie("__Host-portreeve_refresh"), None);
        }
        let answer = send(&ada, function, &[("origin", "http://127.0.0.1:1"), ("content-type", "application/json")], "{}").await;
        answer.assert_problem(403, "cross_origin");
        send(&ada, function, &[("origin", "null"), ("content-type", "application/json")], "{}").await.assert_problem(403, "cross_origin");
        send(&ada, function, &[("content-type", "application/json")], "{}").await.assert_problem(403, "cross_origin");
    }
    ada.refresh().await.ok();
}

#[tokio::test]
async fn a_plain_text_form_is_refused() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for function in BY_COOKIE {
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
            let answer = send(&ada, function, &[("sec-fetch-site", "same-origin"), ("content-type", content_type)], "{}").await;
            answer.assert_problem(415, "unsupported_media_type");
        }
        send(&ada, function, &[("sec-fetch-site", "cross-site"), ("content-type", "text/plain")], "{}")
            .await
            .assert_problem(403, "cross_origin");
    }
    ada.refresh().await.ok();
}

#[tokio::test]
async fn a_client_that_says_no_site_has_to_name_our_origin() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let ours = app.url.clone();
    send(&ada, "auth/sign_out", &[("origin", &ours), ("content-type", "application/json")], "{}").await.ok();
    ada.refresh().await.assert_problem(401, "session_over");
}

#[tokio::test]
async fn nothing_is_done_by_get() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let cookie = format!("__Host-portreeve_refresh={}", ada.refresh_token());
    for function in BY_COOKIE {
        let answer = app.send(|client, url| client.get(format!("{url}/api/{function}")).header("cookie", &cookie)).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }
    let body = json!({});
    ada.call("users/profile", &body).await.ok();
    ada.refresh().await.ok();
}
