//! Tokens that are no good, at every operation and every function that wants one.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use reqwest::header::HeaderMap;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::{forged, part, parts};
use crate::{
    admin,
    api::description::{NOBODY, OPERATIONS, Open, ask_at},
    gateway,
    support::{Answer, PASSWORD, Person, Service, TestApp, service::header},
};

/// Functions that want no token. A new one fails [`no_function_takes_one_that_is_no_good`] until it stands here, below, or among the administrators'.
const PUBLIC: [&str; 12] = [
    "auth/forgot_password",
    "auth/inspect_link",
    "auth/refresh",
    "auth/reset_password",
    "auth/setup",
    "auth/sign_in",
    "auth/sign_out",
    "auth/sign_up",
    "auth/verify_email",
    "files/inspect_share",
    "files/open_share",
    "site",
];

/// What an administrator has, so that whoever is let in does something to it.
struct Things {
    user: String,
    session: String,
    key: String,
    file: String,
    share: String,
    upload: String,
    account: String,
    account_key: String,
}

impl Things {
    async fn of(master: &Person<'_>) -> Self {
        let post = async |path: &str, body: Value, id: &str| {
            let made = master.send(|client, url| client.post(format!("{url}{path}")).json(&body)).await.ok().json();
            made.pointer(id).and_then(Value::as_str).unwrap_or_else(|| panic!("{path}: {made}")).to_owned()
        };
        let new_key = json!({ "name": "crane", "scopes": ["files:read"] });
        let file = master.post_file("a.txt", "text/plain", "tide", &[]).await.ok().json()["file"]["id"].as_str().unwrap().to_owned();
        master.stored_file(&file).await;
        let upload = master.create_upload(4, "filename YS50eHQ=").await.ok().headers["location"].to_str().unwrap().to_owned();
        let account = post("/v1/service-accounts", json!({ "name": "crane" }), "/id").await;
        Self {
            user: master.id().await,
            session: master.get("/v1/me/sessions").await.ok().json()["items"][0]["id"].as_str().unwrap().to_owned(),
            key: post("/v1/api-keys", new_key.clone(), "/api_key/id").await,
            share: post(&format!("/v1/files/{file}/shares"), json!({}), "/id").await,
            upload: upload.rsplit('/').next().unwrap().to_owned(),
            account_key: post(&format!("/v1/service-accounts/{account}/api-keys"), new_key, "/api_key/id").await,
            account,
            file,
        }
    }

    /// A path of the description, to one of them.
    fn at(&self, path: &str) -> String {
        let id = match path.split('/').nth(2).unwrap() {
            "me" => &self.session,
            "api-keys" => &self.key,
            "files" => &self.file,
            "uploads" => &self.upload,
            "users" => &self.user,
            "service-accounts" => &self.account,
            _ => NOBODY,
        };
        path.replace("{id}", id).replace("{share}", &self.share).replace("{key}", &self.account_key)
    }

    /// Every function that wants a token, with a body it would accept.
    fn functions(&self) -> Vec<(&'static str, Value)> {
        let mut all = admin::functions(&self.user);
        all.extend([
            ("api_keys/create", json!({ "key": { "name": "winch", "scopes": ["files:read"] } })),
            ("api_keys/list", json!({})),
            ("api_keys/revoke", json!({ "id": self.key })),
            ("auth/resend_verification", json!({})),
            ("files/delete", json!({ "id": self.file })),
            ("files/find", json!({ "id": self.file })),
            ("files/link", json!({ "id": self.file, "link": {} })),
            ("files/list", json!({ "query": {} })),
            ("files/revoke_share", json!({ "id": self.file, "share": self.share })),
            ("files/share", json!({ "id": self.file, "share": {} })),
            ("files/shares", json!({ "id": self.file })),
            ("files/update", json!({ "id": self.file, "version": null, "change": { "name": "b.txt" } })),
            ("files/usage", json!({})),
            ("sessions/list", json!({})),
            ("sessions/revoke", json!({ "id": self.session })),
            ("sessions/revoke_all", json!({})),
            ("sessions/revoke_others", json!({})),
            ("users/change_email", json!({ "change": { "email": "eve@example.org", "password": PASSWORD } })),
            ("users/change_password", json!({ "change": { "current_password": PASSWORD, "password": "another lantern by the quay" } })),
            ("users/delete_account", json!({ "request": { "password": PASSWORD } })),
            ("users/profile", json!({})),
            ("users/update_profile", json!({ "change": { "name": "Eve" } })),
        ]);
        all
    }
}

/// What is wrong with each, and the token: all of them name the same administrator.
async fn bad_tokens(app: &TestApp, master: &Person<'_>) -> Vec<(&'static str, String)> {
    let expired = app.sign_in("master").await.access_token();
    app.advance(TimeDelta::seconds(300));
    master.refresh().await.ok();

    let gone = app.sign_in("master").await;
    gone.reads_profile().await;
    gone.call("auth/sign_out", &json!({})).await.ok();
    let passed_on = master.get("/orders/7").await.ok().json();
    let passed_on = header(&passed_on, "authorization")[0].strip_prefix("Bearer ").expect("a token").to_owned();

    let (head, claims, signature) = parts(&master.access_token());
    let (mut unsigned, mut altered) = (head.clone(), claims.clone());
    unsigned["alg"] = json!("none");
    altered["exp"] = json!(claims["exp"].as_i64().unwrap() + 3600);
    vec![
        ("unsigned", format!("{}.{}.", part(&unsigned), part(&claims))),
        ("unsigned, and yet with a signature", format!("{}.{}.{signature}", part(&unsigned), part(&claims))),
        ("signed by another", forged(master, |_, _| {})),
        ("altered", format!("{}.{}.{signature}", part(&head), part(&altered))),
        ("of a session that was signed out", gone.access_token()),
        ("made for a service", passed_on),
        ("expired", expired),
        ("a refresh token", master.refresh_token()),
    ]
}

/// All that shows what was done: each change has its event.
async fn state(app: &TestApp, master: &Person<'_>) -> Vec<String> {
    let db = app.services.database().reader();
    let count = Statement::from_string(db.get_database_backend(), "SELECT count(*) FROM events");
    let events: i64 = db.query_one_raw(count).await.unwrap().expect("a row").try_get_by_index(0).unwrap();
    let mut all = vec![format!("{events} events")];
    for path in ["me", "me/sessions", "api-keys", "files", "files?trashed=true", "users", "service-accounts", "signing-keys"] {
        all.push(master.get(&format!("/v1/{path}")).await.ok().text);
    }
    all
}

#[track_caller]
fn assert_refused(what: &str, answer: &Answer) {
    assert_eq!(answer.status, 401, "{what}: {}", answer.text);
    assert_eq!(answer.headers["www-authenticate"], r#"Bearer realm="Portreeve", error="invalid_token""#, "{what}");
    // The answer to a HEAD has no body that would say more.
    if !what.starts_with("HEAD") {
        answer.assert_problem(401, "invalid_token");
    }
}

#[tokio::test]
async fn no_operation_takes_one_that_is_no_good() {
    let service = Service::echo().await;
    let app = gateway::behind(&[&service.url()], "").await;
    let master = app.admin("master").await;
    let bad = bad_tokens(&app, &master).await;
    let things = Things::of(&master).await;
    let before = state(&app, &master).await;
    for &(method, path, _) in OPERATIONS.iter().filter(|(_, _, open)| *open != Open::Public) {
        for (why, token) in &bad {
            let answer = ask_at(&app, Some(token), method, path, &things.at(path)).await;
            assert_refused(&format!("{method} {path}, {why}"), &answer);
        }
    }
    assert_eq!(state(&app, &master).await, before);
    // A good one does something, and that shows.
    let (name, path) = (json!({ "name": "Eve" }), "/v1/me");
    let change = master.send(|client, url| client.patch(format!("{url}{path}")).header("if-match", "*").json(&name));
    change.await.ok();
    assert_ne!(state(&app, &master).await, before);
}

#[tokio::test]
async fn no_function_takes_one_that_is_no_good() {
    let service = Service::echo().await;
    let app = gateway::behind(&[&service.url()], "").await;
    let master = app.admin("master").await;
    let bad = bad_tokens(&app, &master).await;
    let things = Things::of(&master).await;
    let functions = things.functions();
    let served: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.strip_prefix("/api/").unwrap()).collect();
    assert_eq!(functions.iter().map(|(function, _)| *function).chain(PUBLIC).collect::<BTreeSet<_>>(), served);

    let before = state(&app, &master).await;
    for (function, body) in &functions {
        for (why, token) in &bad {
            let headers: HeaderMap = [("authorization".parse().unwrap(), format!("Bearer {token}").parse().unwrap())].into_iter().collect();
            assert_refused(&format!("{function}, {why}"), &app.call_with(function, body, headers).await);
        }
    }
    assert_eq!(state(&app, &master).await, before);
    // A good one does something, and that shows.
    master.call("users/update_profile", &json!({ "change": { "name": "Eve" } })).await.ok();
    assert_ne!(state(&app, &master).await, before);
}
