use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{etag, patch, post, send};
use crate::support::{Answer, Person, TestApp};

async fn made(person: &Person<'_>, body: Value) -> (String, String) {
    let answer = send(person, "POST", "/v1/api-keys", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let made = answer.json();
    let id = made["api_key"]["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.headers["location"].to_str().unwrap(), format!("/v1/api-keys/{id}"));
    (id, made["key"].as_str().unwrap().to_owned())
}

async fn get(app: &TestApp, key: &str, path: &str) -> Answer {
    app.send(|client, url| client.get(format!("{url}{path}")).bearer_auth(key)).await
}

#[tokio::test]
async fn a_key_is_told_once_and_acts_until_it_is_revoked() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let (id, key) = made(&ada, json!({ "name": "crane", "scopes": ["files:write", "account:read", "files:write"] })).await;
    assert!(key.starts_with("prv_") && key.len() == 47, "{key}");
    assert_eq!(get(&app, &key, "/v1/me").await.ok().json()["name"], "ada");
    let upload = app.send(|client, url| client.post(format!("{url}/v1/files?name=a.txt")).bearer_auth(&key).body("tide")).await;
    assert_eq!(upload.status, 202, "{}", upload.text);

    let listed = ada.get("/v1/api-keys").await.ok();
    assert!(!listed.text.contains(&key));
    let listed = listed.json();
    assert_eq!(listed["items"][0]["scopes"], json!(["account:read", "files:write"]));
    assert_eq!(listed["items"][0]["hint"].as_str(), Some(&key[43..]));

    let path = format!("/v1/api-keys/{id}");
    let eve = app.person("eve").await;
    eve.send(|client, url| client.delete(format!("{url}{path}"))).await.assert_problem(404, "api_key_not_found");
    assert_eq!(ada.send(|client, url| client.delete(format!("{url}{path}"))).await.status, 204);
    get(&app, &key, "/v1/me").await.assert_problem(401, "invalid_token");
    ada.send(|client, url| client.delete(format!("{url}{path}"))).await.assert_problem(404, "api_key_not_found");
    assert_eq!(ada.get("/v1/api-keys").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_key_ends_with_its_time_and_with_its_owner() {
    let app = TestApp::start().await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let soon = app.now() + TimeDelta::hours(1);
    let (_, short) = made(&ada, json!({ "name": "short", "scopes": ["account:read"], "expires_at": soon })).await;
    let (_, long) = made(&ada, json!({ "name": "long", "scopes": ["account:read"] })).await;
    get(&app, &short, "/v1/me").await.ok();
    let path = format!("/v1/users/{}", ada.id().await);
    patch(&master, &path, "*", &json!({ "status": "disabled" })).await.ok();
    get(&app, &long, "/v1/me").await.assert_problem(401, "invalid_token");
    patch(&master, &path, "*", &json!({ "status": "active" })).await.ok();
    get(&app, &long, "/v1/me").await.ok();

    app.advance(TimeDelta::hours(1));
    get(&app, &short, "/v1/me").await.assert_problem(401, "invalid_token");
    get(&app, &long, "/v1/me").await.ok();
}

#[tokio::test]
async fn its_owner_learns_of_a_key_and_a_reset_ends_it() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let (_, key) = made(&ada, json!({ "name": "crane", "scopes": ["account:read"] })).await;
    app.mail("ada@example.org", "A key for your account was made").await;
    post(&app, "/v1/auth/forgot-password", &json!({ "email": "ada@example.org" })).await.ok();
    let token = app.link_to("ada@example.org", "/reset-password").await;
    get(&app, &key, "/v1/me").await.ok();
    post(&app, "/v1/auth/reset-password", &json!({ "token": token, "password": "another lantern by the quay" })).await.ok();
    get(&app, &key, "/v1/me").await.assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn an_administrators_key_is_worth_what_the_administrator_is() {
    let app = TestApp::start().await;
    let (master, mate) = (app.admin("master").await, app.admin("mate").await);
    let (_, key) = made(&mate, json!({ "name": "watch", "scopes": ["users:read"] })).await;
    get(&app, &key, "/v1/users").await.ok();
    patch(&master, &format!("/v1/users/{}", mate.id().await), "*", &json!({ "role": "member" })).await.ok();
    get(&app, &key, "/v1/users").await.assert_problem(403, "forbidden");
}

#[tokio::test]
async fn what_cannot_be_a_key_is_refused() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let ask = async |body: Value| send(&ada, "POST", "/v1/api-keys", &body).await;
    let past = app.now() - TimeDelta::seconds(1);
    let wrong = json!({ "name": " ", "scopes": [], "expires_at": past });
    ask(wrong).await.assert_fields(&[("/name", "required"), ("/scopes", "required"), ("/expires_at", "past")]);
    ask(json!({ "name": "x", "scopes": ["files:read", "everything"] })).await.assert_fields(&[("/scopes/1", "wrong_shape")]);
    ask(json!({ "scopes": ["files:read"] })).await.assert_fields(&[("/name", "required")]);
    for _ in 0..100 {
        made(&ada, json!({ "name": "x", "scopes": ["files:read"] })).await;
    }
    ask(json!({ "name": "x", "scopes": ["files:read"] })).await.assert_problem(409, "too_many_api_keys");
}

#[tokio::test]
async fn a_key_that_is_revoked_uploads_no_more() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let (id, key) = made(&ada, json!({ "name": "crane", "scopes": ["files:write"] })).await;
    let (feed, body) = tokio::sync::mpsc::channel::<Result<bytes::Bytes, std::io::Error>>(1);
    let body = reqwest::Body::wrap_stream(futures::stream::unfold(body, async |mut body| body.recv().await.map(|next| (next, body))));
    let upload = app.send(|client, url| {
        let request = client.post(format!("{url}/v1/uploads")).bearer_auth(&key).header("tus-resumable", "1.0.0");
        request.header("upload-length", 8).header("content-type", "application/offset+octet-stream").body(body)
    });
    let halfway = async {
        feed.send(Ok("half".into())).await.unwrap();
        // Begun with the key, which ends before all is there.
        while ada.get("/v1/files").await.json()["total"] == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        ada.send(|client, url| client.delete(format!("{url}/v1/api-keys/{id}"))).await.ok();
        feed.send(Ok("half".into())).await.unwrap();
        drop(feed);
    };
    let (answer, ()) = tokio::join!(upload, halfway);
    assert_eq!(answer.status, 401, "{}", answer.text);
    assert_eq!(ada.get("/v1/files").await.json()["items"][0]["status"], "receiving");
}

#[tokio::test]
async fn the_last_use_of_a_key_is_shown() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let (_, key) = made(&ada, json!({ "name": "crane", "scopes": ["account:read"] })).await;
    let last_used = async || ada.get("/v1/api-keys").await.json()["items"][0]["last_used_at"].clone();
    assert_eq!(last_used().await, Value::Null);
    get(&app, &key, "/v1/me").await.ok();
    let give_up = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while last_used().await.is_null() {
        assert!(std::time::Instant::now() < give_up, "the use of a key was never written down");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_administrator_rotates_the_keys_that_sign() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let path = "/v1/signing-keys";
    let before = master.get(path).await.ok().json();
    assert_eq!((before.as_array().unwrap().len(), &before[0]["signing"]), (1, &json!(true)));
    let next = send(&master, "POST", path, &json!({})).await;
    assert_eq!(next.status, 201, "{}", next.text);
    send(&master, "POST", path, &json!({})).await.assert_problem(409, "rotation_pending");
    let both = master.get(path).await.ok().json();
    assert_eq!((&both[1]["kid"], &both[1]["signing"]), (&next.json()["kid"], &json!(false)));
    assert_eq!(app.get("/.well-known/jwks.json").await.json()["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_plan_is_given_to_the_version_of_a_key_that_was_seen() {
    let app = TestApp::start().await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let (id, _) = made(&ada, json!({ "name": "crane", "scopes": ["files:read"] })).await;
    assert_eq!(ada.get("/v1/api-keys").await.ok().json()["items"][0]["version"], 1);
    let put = async |seen: Option<&str>| {
        let request = master.send(|client, url| {
            let request = client.put(format!("{url}/v1/api-keys/{id}/plan")).json(&json!({ "plan": "key" }));
            seen.into_iter().fold(request, |request, tag| request.header("if-match", tag))
        });
        request.await
    };
    put(None).await.assert_problem(428, "precondition_required");
    put(Some("\"2\"")).await.assert_problem(412, "changed");
    assert_eq!(ada.get("/v1/api-keys").await.ok().json()["items"][0]["plan"], Value::Null);
    let set = put(Some("\"1\"")).await.ok();
    assert_eq!((etag(&set).as_str(), &set.json()["version"], &set.json()["plan"]), ("\"2\"", &2.into(), &"key".into()));
    put(Some("\"1\"")).await.assert_problem(412, "changed");
    put(Some("\"2\"")).await.ok();
    put(Some("*")).await.ok();
    assert_eq!(ada.get("/v1/api-keys").await.ok().json()["items"][0]["version"], 4);
}
