//! Bodies that cannot be read.

use serde_json::json;

use crate::support::{Answer, TestApp};

async fn post(app: &TestApp, function: &str, body: impl Into<reqwest::Body>) -> Answer {
    app.send(|client, url| {
        client
            .post(format!("{url}/api/{function}"))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/json")
            .body(body)
    })
    .await
}

#[tokio::test]
async fn what_is_no_json_of_ours_is_malformed() {
    let app = TestApp::start().await;
    for body in [
        "",
        "{",
        "null",
        "[]",
        "\"x\"",
        "{}",
        r#"{"credentials":null}"#,
        r#"{"credentials":{"email":1,"password":"x"}}"#,
        r#"{"credentials":{"email":"x"}}"#,
        r#"{"credentials":{"email":"x","password":"x","admin":true}}"#,
        r#"{"credentials":{"email":["x"],"password":{}}}"#,
    ] {
        post(&app, "auth/sign_in", body).await.assert_problem(400, "malformed");
    }
    post(&app, "auth/sign_in", vec![0xff, 0xfe, b'{', b'}']).await.assert_problem(400, "malformed");
    post(&app, "auth/sign_in", b"{\"credentials\":{\"email\":\"\xff\",\"password\":\"x\"}}".to_vec())
        .await
        .assert_problem(400, "malformed");
    let deep = "[".repeat(60_000);
    post(&app, "auth/sign_in", deep).await.assert_problem(400, "malformed");
}

#[tokio::test]
async fn ten_megabytes_of_name_are_too_large() {
    let app = TestApp::start().await;
    let person = json!({ "person": { "name": "x".repeat(10 << 20), "email": "ada@example.org", "password": "x" } });
    // The server may hang up on the rest of a body it will not read, which is a refusal as well.
    let sent = reqwest::Client::new()
        .post(format!("{}/api/auth/sign_up", app.url))
        .header("sec-fetch-site", "same-origin")
        .json(&person)
        .send()
        .await;
    if let Ok(response) = sent {
        assert_eq!(response.status(), 413);
    }
    let just_over = json!({ "person": { "name": "x".repeat(1 << 20), "email": "ada@example.org", "password": "x" } });
    app.call("auth/sign_up", &just_over).await.assert_problem(413, "too_large");
}

#[tokio::test]
async fn a_body_of_unknown_length_meets_the_same_limit() {
    let app = TestApp::start().await;
    let stream = futures::stream::iter((0..40).map(|_| Ok::<_, std::io::Error>(vec![b' '; 64 * 1024])));
    let sent = reqwest::Client::new()
        .post(format!("{}/api/auth/sign_up", app.url))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/json")
        .body(reqwest::Body::wrap_stream(stream))
        .send()
        .await;
    if let Ok(response) = sent {
        assert_eq!(response.status(), 413);
    }
}

#[tokio::test]
async fn addresses_of_every_odd_shape_are_refused() {
    let app = TestApp::start().await;
    for email in [
        "",
        "@",
        "a@b",
        "a@@b.c",
        "a b@c.de",
        "a@c.de\r\nBcc: x@y.zz",
        "a\u{0}@c.de",
        "\"a\"@c.de",
        "a@[127.0.0.1]",
        "<a@c.de>",
        "a@c..de",
        "a\u{202e}@c.de",
    ] {
        let person = json!({ "person": { "name": "Ada", "email": email, "password": crate::support::PASSWORD } });
        let answer = app.call("auth/sign_up", &person).await;
        answer.assert_problem(422, "invalid");
        assert_eq!(answer.json()["errors"][0]["pointer"], "/email", "{email:?}");
    }
}

#[tokio::test]
async fn functions_and_methods_that_do_not_exist() {
    let app = TestApp::start().await;
    app.call("auth/become_admin", &json!({})).await.assert_problem(404, "not_found");
    let answer = app
        .send(|client, url| client.put(format!("{url}/api/auth/sign_in")).header("sec-fetch-site", "same-origin").json(&json!({})))
        .await;
    assert_eq!(answer.status, 405);
}

#[tokio::test]
async fn bearer_tokens_in_odd_shapes_are_refused() {
    let app = TestApp::start().await;
    for value in ["Bearer", "Bearer ", "Basic YTpi", "bearer  ", "Bearer a b"] {
        let answer = app
            .send(|client, url| {
                client
                    .post(format!("{url}/api/users/profile"))
                    .header("sec-fetch-site", "same-origin")
                    .header("authorization", value)
                    .json(&json!({}))
            })
            .await;
        assert_eq!(answer.status, 401, "{value}");
    }
}
