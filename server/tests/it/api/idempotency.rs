//! `Idempotency-Key` on what creates. Files have theirs in `files/content.rs`.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Answer, Person, TestApp};

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
