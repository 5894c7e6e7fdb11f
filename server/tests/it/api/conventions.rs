use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn another_method_is_refused_and_told_which_would_do() {
    let app = TestApp::start().await;
    for (path, allowed) in [
        ("/v1/me", "DELETE,GET,HEAD,OPTIONS,PATCH"),
        ("/v1/auth/sign-in", "OPTIONS,POST"),
        ("/v1/files", "GET,HEAD,OPTIONS,POST"),
        ("/v1/users/00000000-0000-7000-8000-000000000000", "GET,HEAD,OPTIONS,PATCH"),
    ] {
        let put = app.send(|client, url| client.put(format!("{url}{path}")).json(&json!({}))).await;
        put.assert_problem(405, "method_not_allowed");
        let options = app.send(|client, url| client.request("OPTIONS".parse().unwrap(), format!("{url}{path}"))).await;
        assert_eq!((options.status.as_u16(), options.text.as_str()), (204, ""), "{path}");
        for answer in [put, options] {
            let mut methods: Vec<_> = answer.headers["allow"].to_str().unwrap().split(',').map(str::trim).collect();
            methods.sort_unstable();
            assert_eq!(methods.join(","), allowed, "{path}");
        }
    }
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let get = ada.get("/v1/me").await.ok();
    let head = ada.send(|client, url| client.head(format!("{url}/v1/me"))).await.ok();
    assert_eq!(head.text, "");
    for name in ["etag", "content-type", "content-length"] {
        assert_eq!(head.headers.get(name), get.headers.get(name), "{name}");
    }
}

#[tokio::test]
async fn whoever_wants_no_json_is_told_before_anything_is_done() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let asked = async |accept: &str| ada.send(|client, url| client.get(format!("{url}/v1/me")).header("accept", accept)).await;
    for accept in ["application/xml", "text/html, image/*", "application/json;q=0"] {
        asked(accept).await.assert_problem(406, "not_acceptable");
    }
    for accept in ["*/*", "application/*", "text/html, application/json;q=0.1", "application/problem+json"] {
        asked(accept).await.ok();
    }
    let revoke = ada.send(|client, url| client.delete(format!("{url}/v1/me/sessions?all=true")).header("accept", "text/csv")).await;
    revoke.assert_problem(406, "not_acceptable");
    ada.get("/v1/me").await.ok();
}

#[tokio::test]
async fn where_nothing_is_a_problem_says_so() {
    let app = TestApp::start().await;
    for path in ["/v1", "/v1/", "/v1/nothing", "/v1/users/x/y/z", "/v1/files/../me/"] {
        app.get(path).await.assert_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_body_is_json_and_nothing_after_it() {
    let app = TestApp::start().await;
    let sign_in = async |body: &'static str| {
        app.send(|client, url| client.post(format!("{url}/v1/auth/sign-in")).header("content-type", "application/json").body(body)).await
    };
    for body in ["", "{", "not json", "{\"email\":\"a\",\"password\":\"b\"} {}", "{\"email\":\"\u{ffff}"] {
        sign_in(body).await.assert_problem(400, "malformed");
    }
    for body in ["[]", "null", "{}", "{\"email\":\"a\"}", "{\"email\":[],\"password\":\"b\"}"] {
        sign_in(body).await.assert_problem(422, "invalid");
    }
    let large = "x".repeat(2 << 20);
    app.send(|client, url| client.post(format!("{url}/v1/auth/sign-in")).json(&json!({ "email": large, "password": "b" })))
        .await
        .assert_problem(413, "too_large");
}
