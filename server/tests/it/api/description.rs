//! What the description says, and who may do what it describes.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Value, json};

use crate::support::{Answer, Person, TestApp};

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

/// Who gets past the gate of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// Anybody.
    Public,
    /// Whoever is signed in.
    Member,
    /// Administrators.
    Admin,
}
use Open::{Admin, Member, Public};

/// Each operation, and who may ask for it. A new one fails [`each_operation_is_described_and_lets_in_whom_it_should`] until it stands here.
const OPERATIONS: &[(&str, &str, Open)] = &[
    ("POST", "/v1/auth/sign-up", Public),
    ("POST", "/v1/auth/sign-in", Public),
    ("POST", "/v1/auth/refresh", Public),
    ("POST", "/v1/auth/sign-out", Public),
    ("POST", "/v1/auth/forgot-password", Public),
    ("POST", "/v1/auth/reset-password", Public),
    ("POST", "/v1/auth/verify-email", Public),
    ("POST", "/v1/auth/resend-verification", Member),
    ("GET", "/v1/me", Member),
    ("PATCH", "/v1/me", Member),
    ("DELETE", "/v1/me", Member),
    ("POST", "/v1/me/password", Member),
    ("POST", "/v1/me/email", Member),
    ("GET", "/v1/me/sessions", Member),
    ("DELETE", "/v1/me/sessions", Member),
    ("DELETE", "/v1/me/sessions/{id}", Member),
    ("GET", "/v1/files", Member),
    ("POST", "/v1/files", Member),
    ("GET", "/v1/files/events", Member),
    ("GET", "/v1/files/usage", Member),
    ("GET", "/v1/files/{id}", Member),
    ("PATCH", "/v1/files/{id}", Member),
    ("DELETE", "/v1/files/{id}", Member),
    ("GET", "/v1/files/{id}/content", Member),
    ("POST", "/v1/files/{id}/links", Member),
    ("GET", "/v1/files/{id}/shares", Member),
    ("POST", "/v1/files/{id}/shares", Member),
    ("DELETE", "/v1/files/{id}/shares/{share}", Member),
    ("GET", "/v1/shared/{token}", Public),
    ("POST", "/v1/shared/{token}/links", Public),
    ("OPTIONS", "/v1/uploads", Public),
    ("POST", "/v1/uploads", Member),
    ("OPTIONS", "/v1/uploads/{id}", Public),
    ("HEAD", "/v1/uploads/{id}", Member),
    ("PATCH", "/v1/uploads/{id}", Member),
    ("DELETE", "/v1/uploads/{id}", Member),
    ("POST", "/v1/uploads/{id}", Member),
    ("GET", "/v1/users", Admin),
    ("GET", "/v1/users/{id}", Admin),
    ("PATCH", "/v1/users/{id}", Admin),
    ("DELETE", "/v1/users/{id}/sessions", Admin),
    ("POST", "/v1/users/{id}/reset-link", Admin),
    ("GET", "/v1/stream", Admin),
    ("POST", "/v1/stream/replay", Admin),
    ("GET", "/v1/dead-letters", Admin),
    ("POST", "/v1/dead-letters/redrive", Admin),
    ("GET", "/v1/dead-letters/{id}", Admin),
    ("DELETE", "/v1/dead-letters/{id}", Admin),
    ("POST", "/v1/dead-letters/{id}/redrive", Admin),
    ("GET", "/v1/openapi.json", Public),
];

fn described(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = |(path, item): (&String, &Value)| {
        let methods = ["get", "put", "post", "delete", "options", "head", "patch"].into_iter().filter(|method| item.get(method).is_some());
        methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(operations).collect()
}

/// A body that fits, so that nothing but the caller can be what is wrong.
fn body(path: &str) -> Value {
    match path {
        "/v1/me/password" => json!({ "current_password": "x", "password": "y" }),
        "/v1/me/email" => json!({ "email": "a@example.org", "password": "x" }),
        "/v1/stream/replay" => json!({ "consumer": "nobody", "from": "0" }),
        "/v1/me" => json!({ "password": "x" }),
        _ => json!({}),
    }
}

async fn ask(app: &TestApp, person: Option<&Person<'_>>, method: &str, path: &str) -> Answer {
    let concrete = path.replace("{id}", NOBODY).replace("{share}", NOBODY).replace("{token}", "nothing");
    let token = person.map(Person::access_token);
    app.send(|client, url| {
        let mut request = client.request(method.parse().unwrap(), format!("{url}{concrete}")).header("if-match", "*");
        request = request.header("tus-resumable", "1.0.0").timeout(std::time::Duration::from_secs(10));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if method == "GET" || method == "HEAD" || method == "OPTIONS" { request } else { request.json(&body(path)) }
    })
    .await
}

#[tokio::test]
async fn each_operation_is_described_and_lets_in_whom_it_should() {
    let app = TestApp::start().await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let document = app.get("/v1/openapi.json").await.ok().json();
    let listed: BTreeSet<_> = OPERATIONS.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(described(&document), listed);

    for &(method, path, open) in OPERATIONS {
        let operation = &document["paths"][path][method.to_lowercase()];
        let scheme_free = operation["security"].as_array().is_some_and(|all| all.contains(&json!({})));
        assert_eq!(scheme_free, open == Public, "{method} {path} says of itself");
        // Never ends by itself, and these would end who asks.
        if path == "/v1/files/events" || (method, path) == ("DELETE", "/v1/me/sessions") {
            continue;
        }
        let what = format!("{method} {path}");
        let code = |answer: &Answer| serde_json::from_str::<Value>(&answer.text).map(|it| it["code"].clone()).unwrap_or_default();
        let stranger = ask(&app, None, method, path).await;
        let member = ask(&app, Some(&ada), method, path).await;
        if open == Public {
            assert_ne!(code(&member), "forbidden", "{what}");
            continue;
        }
        assert_eq!(stranger.status, 401, "{what} lets a stranger in: {}", stranger.text);
        assert!(stranger.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"), "{what}");
        assert_eq!(member.status == 403, open == Admin, "{what} to a member: {} {}", member.status, member.text);
        if open == Admin {
            assert_eq!(code(&member), "forbidden", "{what}");
            let admin = ask(&app, Some(&master), method, path).await;
            assert!(![401, 403, 405].contains(&admin.status.as_u16()), "{what} to an administrator: {} {}", admin.status, admin.text);
        }
    }
}

#[tokio::test]
async fn what_is_answered_is_described() {
    let app = TestApp::start().await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let document = app.get("/v1/openapi.json").await.ok().json();
    for &(method, path, open) in OPERATIONS {
        if path == "/v1/files/events" || (method, path) == ("DELETE", "/v1/me/sessions") {
            continue;
        }
        let person = if open == Admin { &master } else { &ada };
        for person in [None, Some(person)] {
            let answer = ask(&app, person, method, path).await;
            let responses = &document["paths"][path][method.to_lowercase()]["responses"];
            let status = answer.status.as_u16().to_string();
            assert!(responses.get(&status).is_some(), "{method} {path} answers {status}, which is not described: {}", answer.text);
        }
    }
}

#[test]
fn the_description_that_is_kept_is_what_the_code_says() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let kept = std::fs::read_to_string(kept).unwrap_or_default();
    let said = String::from_utf8(portreeve::http::openapi().to_vec()).unwrap();
    assert!(kept == said, "docs/openapi.json is out of date; mend it with: cargo run -p portreeve-server -- openapi > docs/openapi.json");
}

#[test]
fn the_description_is_whole() {
    let document: Value = serde_json::from_slice(&portreeve::http::openapi()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{method} {path} tells nothing of itself");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}: another has its operationId");
            let described = operation["responses"].as_object().unwrap();
            assert!(described.keys().any(|status| status.starts_with('2')), "{method} {path} never goes well");
        }
    }
    // Each reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}
