//! `Idempotency-Key` on what creates. Files have theirs in `files/content.rs`.

use futures::future::join_all;
use portreeve_database::dead_letter::{self, DeadLetter};
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Person, TestApp};

async fn post(person: &Person<'_>, path: &str, key: &str, body: &Value) -> Answer {
    person.send(|client, url| client.post(format!("{url}{path}")).header("idempotency-key", key).json(body)).await
}

#[tokio::test]
async fn a_key_for_machines_is_made_once() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let crane = json!({ "name": "crane", "scopes": ["files:read"] });
    let path = "/v1/api-keys";
    let answers = join_all((0..8).map(|_| post(&ada, path, "k", &crane))).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.assert_problem(409, "idempotency_done");
        assert!(!answer.text.contains("prv_"), "a secret is told once");
    }
    assert_eq!(ada.get(path).await.json()["items"].as_array().unwrap().len(), 1);
    post(&ada, path, "k", &json!({ "name": "winch", "scopes": ["files:read"] })).await.assert_problem(422, "idempotency_conflict");
    // A key is its sender's, and what could not be done was not done.
    assert_eq!(post(&bob, path, "k", &crane).await.status, 201);
    post(&ada, path, "l", &json!({ "name": "", "scopes": [] })).await.assert_problem(422, "invalid");
    assert_eq!(post(&ada, path, "l", &crane).await.status, 201);
    app.advance(chrono::TimeDelta::hours(25));
    app.services.housekeep().await.unwrap();
    let ada = app.sign_in("ada").await;
    assert_eq!(post(&ada, path, "k", &crane).await.status, 201, "a day later nobody remembers");
}

#[tokio::test]
async fn a_file_is_shared_once() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let mut paths = Vec::new();
    for name in ["a.txt", "b.txt"] {
        let file = ada.post_file(name, "text/plain", name, &[]).await.ok().json();
        paths.push(format!("/v1/files/{}/shares", file["file"]["id"].as_str().unwrap()));
    }
    let share = json!({ "password": "between us" });
    let url = post(&ada, &paths[0], "k", &share).await.json()["url"].as_str().unwrap().to_owned();
    let again = post(&ada, &paths[0], "k", &share).await;
    again.assert_problem(409, "idempotency_done");
    assert!(!again.text.contains(&url));
    assert_eq!(ada.get(&paths[0]).await.json()["total"], 1);
    post(&ada, &paths[0], "k", &json!({ "password": "among us" })).await.assert_problem(422, "idempotency_conflict");
    post(&ada, &paths[1], "k", &share).await.assert_problem(422, "idempotency_conflict");
}

#[tokio::test]
async fn an_upload_is_begun_once() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let begin = async |length: usize, body: &'static str| {
        let request = ada.send(|client, url| {
            let request = client.post(format!("{url}/v1/uploads")).header("tus-resumable", "1.0.0").header("upload-length", length);
            request.header("content-type", "application/offset+octet-stream").header("idempotency-key", "k").body(body)
        });
        request.await
    };
    let first = begin(10, "tide").await;
    assert_eq!((first.status.as_u16(), first.headers.contains_key("idempotency-replayed")), (201, false), "{}", first.text);
    let again = begin(10, "tide").await;
    assert_eq!((again.status.as_u16(), &again.headers["idempotency-replayed"]), (201, &"true".parse().unwrap()), "{}", again.text);
    assert_eq!((&again.headers["location"], &again.headers["upload-offset"]), (&first.headers["location"], &"4".parse().unwrap()));
    begin(11, "").await.assert_problem(422, "idempotency_conflict");
    assert_eq!(ada.get("/v1/files").await.json()["total"], 1);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let crane = json!({ "name": "crane", "scopes": ["files:read"] });
    for key in ["", &"k".repeat(256)] {
        post(&ada, "/v1/api-keys", key, &crane).await.assert_problem(400, "malformed_idempotency_key");
    }
}

/// Whom, which file and which machine the requests of [`wish`] are about.
struct Subjects {
    user: String,
    file: String,
    account: String,
    dead_letter: String,
}

/// A request that an operation carries out.
fn wish(path: &str, of: &Subjects) -> (String, Value) {
    let key = json!({ "name": "crane", "scopes": ["files:read"] });
    let (id, body) = match path {
        "/v1/api-keys" => ("", key),
        "/v1/auth/resend-verification" | "/v1/signing-keys" | "/v1/uploads" => ("", Value::Null),
        "/v1/dead-letters/{id}/redrive" => (&*of.dead_letter, Value::Null),
        "/v1/files" => ("", json!("soundings")),
        "/v1/files/{id}/links" | "/v1/files/{id}/shares" => (&*of.file, json!({})),
        "/v1/me/email" => ("", json!({ "email": "harbour@example.org", "password": PASSWORD })),
        "/v1/service-accounts" => ("", json!({ "name": "winch" })),
        "/v1/service-accounts/{id}/api-keys" => (&*of.account, key),
        "/v1/stream/replay" => ("", json!({ "consumer": "store-files", "from": "beginning" })),
        "/v1/users/{id}/reset-link" => (&*of.user, Value::Null),
        _ => panic!("nobody has said what to send to {path}"),
    };
    (path.replace("{id}", id), body)
}

async fn a_dead_letter(app: &TestApp) -> String {
    let letter = DeadLetter {
        id: uuid::Uuid::from_u128(7),
        consumer: "store-files".to_owned(),
        position: 1,
        key: "k".to_owned(),
        event: json!({ "type": "user.created" }),
        failures: 1,
        errors: json!([]),
        created_at: app.now(),
    };
    let id = letter.id.to_string();
    app.services.database().write(async move |transaction| dead_letter::insert(&transaction, letter).await).await.unwrap();
    id
}

#[tokio::test]
async fn whatever_is_made_or_begun_is_so_once_for_each_key() {
    let app = TestApp::start().await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let file = master.post_file("a.txt", "text/plain", "tide", &[]).await.ok().json()["file"]["id"].as_str().unwrap().to_owned();
    master.stored_file(&file).await;
    let account = post(&master, "/v1/service-accounts", "account", &json!({ "name": "crane" })).await.ok().json();
    let of = Subjects {
        user: ada.id().await,
        file,
        account: account["id"].as_str().unwrap().to_owned(),
        dead_letter: a_dead_letter(&app).await,
    };
    let document = app.get("/v1/openapi.json").await.ok().json();
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let operation = &item["post"];
        let (Some(responses), Some(security)) = (operation["responses"].as_object(), operation["security"].as_array()) else { continue };
        if security.contains(&json!({})) || !["201", "202"].iter().any(|status| responses.contains_key(*status)) {
            continue;
        }
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        assert!(parameters.iter().any(|it| it["name"] == "Idempotency-Key"), "{path} says nothing of keys");
        for (status, code) in [("409", "idempotency_in_flight"), ("422", "idempotency_conflict")] {
            assert!(responses[status]["description"].as_str().unwrap().contains(code), "{path}: {}", responses[status]);
        }

        let (wished, body) = wish(path, &of);
        // That of no session but the first one's, whom a mail to verify an address is for.
        let person = if path.contains("verification") { &ada } else { &master };
        let send = async || {
            let request = person.send(|client, url| {
                let request = client.post(format!("{url}{wished}")).header("idempotency-key", path);
                let request = request.header("tus-resumable", "1.0.0").header("upload-length", 9);
                if body.is_null() { request } else { request.json(&body) }
            });
            request.await
        };
        let (first, again) = (send().await, send().await);
        assert!([201, 202].contains(&first.status.as_u16()), "{path}: {} {}", first.status, first.text);
        if again.status == 409 {
            again.assert_problem(409, "idempotency_done");
        } else {
            assert_eq!((again.status, &again.text), (first.status, &first.text), "{path}");
            assert_eq!(again.headers.get("idempotency-replayed").map(http::HeaderValue::as_bytes), Some(&b"true"[..]), "{path}");
            assert_eq!(again.headers.get("location"), first.headers.get("location"), "{path}");
        }
        let other = json!({ "name": "another", "scopes": ["files:write"] });
        post(person, "/v1/api-keys", path, &other).await.assert_problem(422, "idempotency_conflict");
        tried += 1;
    }
    assert!(tried >= 13, "only {tried}");
}

#[tokio::test]
async fn a_link_to_a_files_content_is_told_once() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let file = ada.post_file("a.txt", "text/plain", "tide", &[]).await.ok().json()["file"]["id"].as_str().unwrap().to_owned();
    ada.stored_file(&file).await;
    let path = format!("/v1/files/{file}/links");
    let link = post(&ada, &path, "k", &json!({})).await.ok().json();
    let again = post(&ada, &path, "k", &json!({})).await;
    again.assert_problem(409, "idempotency_done");
    assert!(!again.text.contains(link["url"].as_str().unwrap()));
    post(&ada, &path, "k", &json!({ "disposition": "inline" })).await.assert_problem(422, "idempotency_conflict");
    post(&ada, &path, "l", &json!({})).await.ok();
}

#[tokio::test]
async fn mails_that_are_asked_for_twice_with_a_key_are_sent_once() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let verify = app.mail("ada@example.org", "").await.subject;
    let twins = join_all((0..4).map(|_| post(&ada, "/v1/auth/resend-verification", "k", &Value::Null))).await;
    assert!(twins.iter().any(|twin| twin.status == 202), "{twins:?}");
    twins.iter().filter(|twin| twin.status != 202).for_each(|twin| twin.assert_problem(409, "idempotency_in_flight"));
    post(&ada, "/v1/auth/resend-verification", "k", &Value::Null).await.ok();
    let wish = |password: &str| json!({ "email": "harbour@example.org", "password": password });
    post(&ada, "/v1/me/email", "l", &wish(PASSWORD)).await.ok();
    // By then those before it are sent, too.
    app.mail("harbour@example.org", "").await;
    assert_eq!(app.mails().iter().filter(|mail| mail.subject == verify).count(), 2);
    // A wrong password is one, whatever was sent before.
    post(&ada, "/v1/me/email", "l", &wish("not it, not it, not it")).await.assert_fields(&[("/password", "wrong_password")]);
}
