//! Every error that a person or a client can get, as it goes over the wire.

use std::{collections::BTreeSet, fmt::Write as _};

use futures::future::join_all;
use reqwest::header::HeaderMap;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestApp};

/// Answers as they are reviewed: what was done, the status and the headers that belong to it, the body.
#[derive(Default)]
struct Collection {
    text: String,
    statuses: BTreeSet<u16>,
}

impl Collection {
    fn add(&mut self, what: &str, answer: &Answer) {
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{what}: {}", answer.text);
        assert_eq!(answer.headers["cache-control"], "no-store", "{what}");
        let body = answer.json();
        assert_eq!(body["status"], answer.status.as_u16(), "{what}");
        self.statuses.insert(answer.status.as_u16());
        writeln!(self.text, "# {what}\n{}", answer.status).unwrap();
        for name in ["retry-after", "www-authenticate"] {
            if let Some(value) = answer.headers.get(name) {
                writeln!(self.text, "{name}: {}", value.to_str().unwrap()).unwrap();
            }
        }
        writeln!(self.text, "{}\n", serde_json::to_string_pretty(&body).unwrap()).unwrap();
    }
}

fn person(name: &str, email: &str, password: &str) -> Value {
    json!({ "person": { "name": name, "email": email, "password": password } })
}

#[tokio::test]
async fn every_error_reads_well_and_keeps_its_code() {
    let mut all = Collection::default();
    requests(&mut all).await;
    fields(&mut all).await;
    sessions(&mut all).await;
    administration(&mut all).await;
    policies(&mut all).await;
    throttles(&mut all).await;
    ours(&mut all).await;
    // One of each kind at least.
    assert_eq!(all.statuses.into_iter().collect::<Vec<_>>(), [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503]);
    insta::assert_snapshot!(all.text);
}

async fn requests(all: &mut Collection) {
    let app = TestApp::start().await;
    let raw = |site: &'static str, content_type: &'static str, body: String| {
        app.send(move |client, url| {
            let request = client.post(format!("{url}/api/auth/sign_in")).header("sec-fetch-site", site);
            request.header("content-type", content_type).body(body)
        })
    };
    all.add("a body that is no JSON of ours", &raw("same-origin", "application/json", "{".to_owned()).await);
    all.add("a form of another site", &raw("cross-site", "application/json", "{}".to_owned()).await);
    all.add("a body that is called plain text", &raw("same-origin", "text/plain", "{}".to_owned()).await);
    all.add("a body over the limit", &raw("same-origin", "application/json", " ".repeat((1 << 20) + 1)).await);
    all.add("a function that does not exist", &app.call("auth/become_admin", &json!({})).await);
}

async fn fields(all: &mut Collection) {
    let app = TestApp::start().await;
    let sign_up = async |name: &str, email: &str, password: &str| app.call("auth/sign_up", &person(name, email, password)).await;
    all.add("nothing filled in", &sign_up("", "", "").await);
    all.add("nothing right", &sign_up("a\u{202e}b", "ada", "short").await);
    all.add("too long", &sign_up(&"x".repeat(101), "ada@example.org", &"x".repeat(257)).await);
    all.add("a common password", &sign_up("Ada", "ada@example.org", "passwordpassword").await);
    let ada = app.person("ada").await;
    all.add("an address that has an account", &sign_up("Ada", "ada@example.org", PASSWORD).await);
    let same = json!({ "change": { "email": "ada@example.org", "password": PASSWORD } });
    all.add("the address one has already", &ada.call("users/change_email", &same).await);
    let wrong = json!({ "change": { "current_password": "not the password", "password": "another lantern harbour box" } });
    all.add("a wrong current password", &ada.call("users/change_password", &wrong).await);
}

async fn sessions(all: &mut Collection) {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let nobody = json!({ "id": "01a1fc93-afa2-716e-a8a8-25f49aad7109" });
    all.add("a wrong password", &app.sign_in_with("ada@example.org", "not the password").await);
    all.add("no access token", &app.call("users/profile", &json!({})).await);
    let mut headers = HeaderMap::new();
    headers.insert("authorization", "Bearer rubbish".parse().unwrap());
    all.add("an access token that is none", &app.call_with("users/profile", &json!({}), headers).await);
    all.add("no refresh token", &app.call("auth/refresh", &json!({})).await);
    all.add("a session that is not there", &ada.call("sessions/revoke", &nobody).await);
    all.add("a link that does not work", &app.call("auth/inspect_link", &json!({ "token": "rubbish" })).await);
}

async fn administration(all: &mut Collection) {
    let app = TestApp::start().await;
    let (ada, grace) = (app.person("ada").await, app.admin("grace").await);
    let nobody = json!({ "id": "01a1fc93-afa2-716e-a8a8-25f49aad7109" });
    let disabled = json!({ "status": "disabled" });
    all.add("a member among administrators", &ada.call("admin/list_users", &json!({ "query": {} })).await);
    all.add("a user who does not exist", &grace.call("admin/user", &nobody).await);
    all.add("a page that does not exist", &grace.call("admin/list_users", &json!({ "query": { "cursor": "x" } })).await);
    all.add("a dead letter that does not exist", &grace.call("admin/dead_letter", &nobody).await);
    let replay = |consumer: &str, from: &str| json!({ "wish": { "consumer": consumer, "from": from } });
    all.add("a consumer that does not exist", &grace.call("admin/replay", &replay("nobody", "beginning")).await);
    all.add("no point of the stream", &grace.call("admin/replay", &replay("store-files", "yesterday")).await);
    all.add("the last administrator", &grace.changes(&grace.id().await, disabled.clone()).await);
    grace.changes(&ada.id().await, disabled).await.ok();
    all.add("a disabled account", &app.sign_in_with("ada@example.org", PASSWORD).await);
}

async fn policies(all: &mut Collection) {
    let app = TestApp::start_with(&[("PORTREEVE__ACCOUNTS__VERIFICATION", "required")]).await;
    app.call("auth/sign_up", &person("Ada", "ada@example.org", PASSWORD)).await.ok();
    all.add("an address that is not verified", &app.sign_in_with("ada@example.org", PASSWORD).await);
    let app = TestApp::start_with(&[("PORTREEVE__ACCOUNTS__SIGN_UP", "closed")]).await;
    all.add("closed sign-up", &app.call("auth/sign_up", &person("Ada", "ada@example.org", PASSWORD)).await);
}

async fn throttles(all: &mut Collection) {
    let app = TestApp::start_with(&[("PORTREEVE__THROTTLE__ENABLED", "true"), ("PORTREEVE__THROTTLE__MAILS__BURST", "1")]).await;
    for _ in 0..10 {
        app.sign_in_with("ada@example.org", "not the password").await;
    }
    all.add("too many guesses", &app.sign_in_with("ada@example.org", "not the password").await);
    let ask = json!({ "request": { "email": "ada@example.org" } });
    app.call("auth/forgot_password", &ask).await.ok();
    all.add("too many mails", &app.call("auth/forgot_password", &ask).await);
}

async fn ours(all: &mut Collection) {
    let app = TestApp::start_with(&[("PORTREEVE__PASSWORDS__THREADS", "1"), ("PORTREEVE__PASSWORDS__QUEUE", "1")]).await;
    let answers = join_all((0..100).map(|_| app.sign_in_with("ada@example.org", PASSWORD))).await;
    let busy = answers.iter().find(|answer| answer.status == 503).expect("of a hundred at once, some find it busy");
    all.add("more people than it can serve", busy);

    let ada = app.person("ada").await;
    let broken =
        app.services.database().write(async |transaction| transaction.execute_unprepared("ALTER TABLE users RENAME TO gone").await);
    let broken: Result<_, DbErr> = broken.await;
    broken.expect("both engines rename a table");
    all.add("a fault of ours", &ada.profile().await);
}
