use serde_json::{Value, json};

use super::post;
use crate::support::{PASSWORD, TestApp};

fn credentials(password: &str) -> Value {
    json!({ "email": "ada@example.org", "password": password })
}

async fn signed_up(app: &TestApp) -> Value {
    let form = json!({ "name": "ada", "email": "ada@example.org", "password": PASSWORD });
    let answer = post(app, "/v1/auth/sign-up", &form).await;
    assert_eq!((answer.status.as_u16(), answer.headers["location"].to_str().unwrap()), (201, "/v1/me"));
    answer.json()
}

async fn me(app: &TestApp, tokens: &Value) -> u16 {
    let token = tokens["access_token"].as_str().unwrap();
    app.send(|client, url| client.get(format!("{url}/v1/me")).bearer_auth(token)).await.status.as_u16()
}

#[tokio::test]
async fn a_program_signs_up_in_on_and_out_without_a_cookie() {
    let app = TestApp::start().await;
    let first = signed_up(&app).await;
    assert_eq!(me(&app, &first).await, 200);

    let answer = post(&app, "/v1/auth/sign-in", &credentials(PASSWORD)).await.ok();
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_eq!(answer.headers["cache-control"], "no-store");
    let tokens = answer.json();
    assert_eq!((tokens["token_type"].as_str(), tokens["expires_in"].as_u64()), (Some("Bearer"), Some(300)));

    let next = post(&app, "/v1/auth/refresh", &json!({ "refresh_token": tokens["refresh_token"] })).await.ok().json();
    assert_ne!(next["refresh_token"], tokens["refresh_token"]);
    assert_eq!(me(&app, &next).await, 200);

    let out = post(&app, "/v1/auth/sign-out", &json!({ "refresh_token": next["refresh_token"] })).await;
    assert_eq!(out.status, 204);
    assert_eq!(me(&app, &next).await, 401);
    post(&app, "/v1/auth/refresh", &json!({ "refresh_token": next["refresh_token"] })).await.assert_problem(401, "session_over");
    assert_eq!(me(&app, &first).await, 200);
}

#[tokio::test]
async fn signing_out_needs_one_of_the_tokens() {
    let app = TestApp::start().await;
    let tokens = signed_up(&app).await;
    let bare = |token: Option<String>| {
        app.send(move |client, url| {
            let request = client.post(format!("{url}/v1/auth/sign-out"));
            match token {
                Some(token) => request.bearer_auth(token),
                None => request,
            }
        })
    };
    bare(None).await.assert_problem(401, "token_missing");
    bare(Some("rubbish".to_owned())).await.assert_problem(401, "invalid_token");
    assert_eq!(bare(tokens["access_token"].as_str().map(str::to_owned)).await.status, 204);
    assert_eq!(me(&app, &tokens).await, 401);
}

#[tokio::test]
async fn what_is_wrong_is_told_where_it_is() {
    let app = TestApp::start().await;
    signed_up(&app).await;
    post(&app, "/v1/auth/sign-in", &credentials("not the password at all")).await.assert_problem(401, "invalid_credentials");
    let form = json!({ "name": "", "email": "no", "password": "short" });
    post(&app, "/v1/auth/sign-up", &form).await.assert_fields(&[
        ("/name", "required"),
        ("/email", "malformed"),
        ("/password", "too_short"),
    ]);
    let taken = json!({ "name": "eve", "email": "ADA@example.org", "password": PASSWORD });
    post(&app, "/v1/auth/sign-up", &taken).await.assert_problem(409, "email_taken");
    let shape = post(&app, "/v1/auth/sign-in", &json!({ "email": 7, "password": "x" })).await;
    shape.assert_problem(422, "invalid");
    shape.assert_fields(&[("/email", "wrong_shape")]);
    let more = json!({ "email": "a", "password": "x", "a/b": 1 });
    post(&app, "/v1/auth/sign-in", &more).await.assert_fields(&[("/a~1b", "unknown")]);
    post(&app, "/v1/auth/sign-in", &json!({ "email": "a" })).await.assert_fields(&[("/password", "required")]);
}

#[tokio::test]
async fn cookies_of_pages_are_not_read() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let cookie = format!("__Host-portreeve_refresh={}", ada.refresh_token());
    for path in ["/v1/auth/refresh", "/v1/auth/sign-out", "/v1/me"] {
        let answer = app.send(|client, url| client.post(format!("{url}{path}")).header("cookie", &cookie)).await;
        assert!([401, 405, 415].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
    }
    ada.reads_profile().await;
}

#[tokio::test]
async fn a_device_that_is_known_is_not_kept_waiting_by_strangers() {
    let app = TestApp::start_with(&[("PORTREEVE__THROTTLE__ENABLED", "true")]).await;
    let tokens = signed_up(&app).await;
    let mut refused = false;
    for _ in 0..40 {
        refused = post(&app, "/v1/auth/sign-in", &credentials("a stranger's guess at it")).await.status == 429;
        if refused {
            break;
        }
    }
    assert!(refused, "strangers may guess for ever");
    post(&app, "/v1/auth/sign-in", &credentials(PASSWORD)).await.assert_problem(429, "throttled");
    let known = json!({ "email": "ada@example.org", "password": PASSWORD, "device_token": tokens["device_token"] });
    post(&app, "/v1/auth/sign-in", &known).await.ok();
}

#[tokio::test]
async fn links_of_mails_work_over_the_api() {
    let app = TestApp::start().await;
    let tokens = signed_up(&app).await;
    let verify = app.link_to("ada@example.org", "/verify-email").await;
    assert_eq!(post(&app, "/v1/auth/verify-email", &json!({ "token": verify })).await.status, 204);
    post(&app, "/v1/auth/verify-email", &json!({ "token": verify })).await.assert_problem(404, "link_invalid");

    for email in ["ada@example.org", "nobody@example.org"] {
        assert_eq!(post(&app, "/v1/auth/forgot-password", &json!({ "email": email })).await.status, 202);
    }
    let reset = app.link_to("ada@example.org", "/reset-password").await;
    let form = json!({ "token": reset, "password": "another lantern by the quay" });
    assert_eq!(post(&app, "/v1/auth/reset-password", &form).await.status, 204);
    assert_eq!(me(&app, &tokens).await, 401);
    post(&app, "/v1/auth/sign-in", &credentials("another lantern by the quay")).await.ok();
}

#[tokio::test]
async fn where_addresses_are_verified_first_nobody_learns_who_is_here() {
    let app = TestApp::start_with(&[("PORTREEVE__ACCOUNTS__VERIFICATION", "required")]).await;
    let form = |name: &str| json!({ "name": name, "email": "ada@example.org", "password": PASSWORD });
    let first = post(&app, "/v1/auth/sign-up", &form("ada")).await;
    let second = post(&app, "/v1/auth/sign-up", &form("eve")).await;
    assert_eq!((first.status.as_u16(), first.json()), (202, json!({ "status": "verification_sent" })));
    assert_eq!((second.status, second.text), (first.status, first.text));
    // Nor by what becomes of the first one's password.
    let unverified = post(&app, "/v1/auth/sign-in", &credentials(PASSWORD)).await;
    let wrong = post(&app, "/v1/auth/sign-in", &credentials("not the password at all")).await;
    unverified.assert_problem(401, "invalid_credentials");
    assert_eq!((unverified.status, unverified.text), (wrong.status, wrong.text));
}
