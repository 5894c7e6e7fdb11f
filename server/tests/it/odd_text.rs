//! Text that no form would send: NUL, bidirectional controls, bytes that are no UTF-8.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};

const ODD: [&str; 5] = ["a\u{0}b", "\u{0}", "a\u{202e}b@example.org", "a\u{2066}b", "\u{feff}\u{fffe}"];

#[tokio::test]
async fn nul_and_bidirectional_controls_are_a_persons_mistake_and_never_ours() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.person("ada").await, app.admin("grace").await);
    for odd in ODD {
        app.sign_in_with(odd, PASSWORD).await.assert_problem(401, "invalid_credentials");
        app.sign_in_with("ada@example.org", odd).await.assert_problem(401, "invalid_credentials");
        let person = |name: &str, email: &str, password: &str| json!({ "person": { "name": name, "email": email, "password": password } });
        app.call("auth/sign_up", &person(odd, "eve@example.org", PASSWORD)).await.assert_problem(422, "invalid");
        app.call("auth/sign_up", &person("Eve", odd, PASSWORD)).await.assert_problem(422, "invalid");
        app.call("auth/forgot_password", &json!({ "request": { "email": odd } })).await.assert_problem(422, "invalid");
        for (function, body) in [
            ("auth/inspect_link", json!({ "token": odd })),
            ("auth/verify_email", json!({ "token": odd })),
            ("auth/reset_password", json!({ "request": { "token": odd, "password": PASSWORD } })),
            ("auth/setup", json!({ "setup": { "token": odd, "name": "Eve", "email": "eve@example.org", "password": PASSWORD } })),
        ] {
            app.call(function, &body).await.assert_problem(404, "link_invalid");
        }
        let change = json!({ "change": { "email": odd, "password": PASSWORD } });
        ada.call("users/change_email", &change).await.assert_problem(422, "invalid");
        let list = |query: Value| json!({ "query": query });
        grace.call("admin/list_users", &list(json!({ "cursor": odd }))).await.assert_problem(400, "malformed_cursor");
        grace.call("admin/list_users", &list(json!({ "search": odd }))).await.ok();
        grace.call("admin/user", &json!({ "id": odd })).await.assert_problem(400, "malformed");
    }
}

#[tokio::test]
async fn a_password_may_hold_anything_that_can_be_typed() {
    let app = TestApp::start().await;
    let password = "tide\u{0} lantern\u{202e} harbour\u{feff} box";
    let person = json!({ "person": { "name": "Ada", "email": "ada@example.org", "password": password } });
    app.call("auth/sign_up", &person).await.ok();
    app.sign_in_with("ada@example.org", password).await.ok();
    app.sign_in_with("ada@example.org", "tide").await.assert_problem(401, "invalid_credentials");
}

/// What comes back for these bytes, sent as they are.
fn send(app: &TestApp, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_utf8_are_nobodys_end() {
    let app = TestApp::start().await;
    let body = r#"{"credentials":{"email":"ada@example.org","password":"x"}}"#;
    let post = |header: &[u8]| {
        let head = format!(
            "POST /api/auth/sign_in HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nsec-fetch-site: same-origin\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
        [head.as_bytes(), header, b"\r\n\r\n", body.as_bytes()].concat()
    };
    let get = |path: &[u8]| [b"GET ", path, b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"].concat();
    for (what, request, expected) in [
        ("a user agent", post(b"user-agent: \xff\xfe"), "401"),
        ("a cookie", post(b"cookie: __Host-portreeve_device=\xff; __Host-portreeve_refresh=\xff"), "401"),
        ("a forwarded address", post(b"x-forwarded-for: \xff"), "401"),
        ("an escaped path", get(b"/%ff%fe"), "404"),
        ("an escaped query", get(b"/sign-in?next=%ff%fe&%ff=%00"), "200"),
        ("a raw path", get(b"/\xff"), "400"),
        ("a header with NUL", post(b"user-agent: a\0b"), "400"),
    ] {
        let answer = tokio::task::block_in_place(|| send(&app, &request));
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{what}: {answer:.200}");
    }
    app.get("/health").await.ok();
}
