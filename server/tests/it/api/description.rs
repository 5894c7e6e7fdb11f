//! What the description says, and who may do what it describes.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Value, json};

use crate::support::{Answer, Person, TestApp};

pub(crate) const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

/// Who gets past the gate of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// Anybody.
    Public,
    /// Whoever is signed in, and no key.
    Session,
    /// Whoever is signed in, or has a key with this scope.
    Member(&'static str),
    /// Administrators, who are signed in or have a key with this scope.
    Admin(&'static str),
    /// Administrators who are signed in.
    AdminSession,
}
use Open::{Admin, AdminSession, Member, Public, Session};

impl Open {
    /// As the description says it.
    fn security(self) -> Option<Value> {
        let key = |scope: &str| json!([{ "access_token": [] }, { "api_key": [scope] }]);
        match self {
            Public => None,
            Session | AdminSession => Some(json!([{ "access_token": [] }])),
            Member(scope) | Admin(scope) => Some(key(scope)),
        }
    }
}

/// Each operation, and who may ask for it. A new one fails [`each_operation_is_described_and_lets_in_whom_it_should`] until it stands here.
pub(crate) const OPERATIONS: &[(&str, &str, Open)] = &[
    ("POST", "/v1/auth/sign-up", Public),
    ("POST", "/v1/auth/sign-in", Public),
    ("POST", "/v1/auth/refresh", Public),
    ("POST", "/v1/auth/sign-out", Public),
    ("POST", "/v1/auth/forgot-password", Public),
    ("POST", "/v1/auth/reset-password", Public),
    ("POST", "/v1/auth/verify-email", Public),
    ("POST", "/v1/auth/resend-verification", Session),
    ("GET", "/v1/me", Member("account:read")),
    ("PATCH", "/v1/me", Member("account:write")),
    ("DELETE", "/v1/me", Session),
    ("POST", "/v1/me/password", Session),
    ("POST", "/v1/me/email", Session),
    ("GET", "/v1/me/sessions", Session),
    ("DELETE", "/v1/me/sessions", Session),
    ("DELETE", "/v1/me/sessions/{id}", Session),
    ("GET", "/v1/api-keys", Session),
    ("POST", "/v1/api-keys", Session),
    ("DELETE", "/v1/api-keys/{id}", Session),
    ("PUT", "/v1/api-keys/{id}/plan", AdminSession),
    ("GET", "/v1/files", Member("files:read")),
    ("POST", "/v1/files", Member("files:write")),
    ("GET", "/v1/files/events", Member("files:read")),
    ("GET", "/v1/files/usage", Member("files:read")),
    ("GET", "/v1/files/{id}", Member("files:read")),
    ("PATCH", "/v1/files/{id}", Member("files:write")),
    ("DELETE", "/v1/files/{id}", Member("files:write")),
    ("GET", "/v1/files/{id}/content", Member("files:read")),
    ("POST", "/v1/files/{id}/links", Member("files:read")),
    ("GET", "/v1/files/{id}/shares", Member("files:read")),
    ("POST", "/v1/files/{id}/shares", Member("files:write")),
    ("DELETE", "/v1/files/{id}/shares/{share}", Member("files:write")),
    ("GET", "/v1/shared/{token}", Public),
    ("POST", "/v1/shared/{token}/links", Public),
    ("OPTIONS", "/v1/uploads", Public),
    ("POST", "/v1/uploads", Member("files:write")),
    ("OPTIONS", "/v1/uploads/{id}", Public),
    ("HEAD", "/v1/uploads/{id}", Member("files:write")),
    ("PATCH", "/v1/uploads/{id}", Member("files:write")),
    ("DELETE", "/v1/uploads/{id}", Member("files:write")),
    ("POST", "/v1/uploads/{id}", Member("files:write")),
    ("GET", "/v1/users", Admin("users:read")),
    ("GET", "/v1/users/{id}", Admin("users:read")),
    ("PATCH", "/v1/users/{id}", Admin("users:write")),
    ("DELETE", "/v1/users/{id}/sessions", Admin("users:write")),
    ("POST", "/v1/users/{id}/reset-link", Admin("users:write")),
    ("GET", "/v1/service-accounts", Admin("users:read")),
    ("POST", "/v1/service-accounts", Admin("users:write")),
    ("GET", "/v1/service-accounts/{id}", Admin("users:read")),
    ("PATCH", "/v1/service-accounts/{id}", Admin("users:write")),
    ("DELETE", "/v1/service-accounts/{id}", Admin("users:write")),
    ("GET", "/v1/service-accounts/{id}/api-keys", AdminSession),
    ("POST", "/v1/service-accounts/{id}/api-keys", AdminSession),
    ("DELETE", "/v1/service-accounts/{id}/api-keys/{key}", AdminSession),
    ("GET", "/v1/stream", Admin("stream:read")),
    ("POST", "/v1/stream/replay", Admin("stream:write")),
    ("GET", "/v1/dead-letters", Admin("stream:read")),
    ("POST", "/v1/dead-letters/redrive", Admin("stream:write")),
    ("GET", "/v1/dead-letters/{id}", Admin("stream:read")),
    ("DELETE", "/v1/dead-letters/{id}", Admin("stream:write")),
    ("POST", "/v1/dead-letters/{id}/redrive", Admin("stream:write")),
    ("GET", "/v1/measures", Admin("stream:read")),
    ("GET", "/v1/signing-keys", AdminSession),
    ("POST", "/v1/signing-keys", AdminSession),
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
        "/v1/api-keys" | "/v1/service-accounts/{id}/api-keys" => json!({ "name": "crane", "scopes": [] }),
        "/v1/service-accounts" => json!({ "name": "crane" }),
        _ => json!({}),
    }
}

/// A path of the description, with ids of nothing.
pub(super) fn of_nothing(path: &str) -> String {
    path.replace("{id}", NOBODY).replace("{share}", NOBODY).replace("{key}", NOBODY).replace("{token}", "nothing")
}

async fn ask(app: &TestApp, token: Option<&str>, method: &str, path: &str) -> Answer {
    ask_at(app, token, method, path, &of_nothing(path)).await
}

/// At `concrete`, which is one that `path` describes.
pub(crate) async fn ask_at(app: &TestApp, token: Option<&str>, method: &str, path: &str, concrete: &str) -> Answer {
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

/// A key of somebody's that has these scopes.
async fn key(person: &Person<'_>, scopes: &[&str]) -> String {
    let body = json!({ "name": "crane", "scopes": scopes });
    let made = person.send(|client, url| client.post(format!("{url}/v1/api-keys")).json(&body)).await.ok().json();
    made["key"].as_str().unwrap().to_owned()
}

fn code(answer: &Answer) -> String {
    serde_json::from_str::<Value>(&answer.text).ok().and_then(|it| it["code"].as_str().map(str::to_owned)).unwrap_or_default()
}

/// Whoever is not was turned away from all that came after it, which tells nothing.
async fn assert_still_signed_in(people: &[&Person<'_>]) {
    for person in people {
        person.get("/v1/me").await.ok();
    }
}

#[tokio::test]
async fn each_operation_is_described_and_lets_in_whom_it_should() {
    let app = TestApp::start().await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let (master_token, ada_token) = (master.access_token(), ada.access_token());
    let document = app.get("/v1/openapi.json").await.ok().json();
    let listed: BTreeSet<_> = OPERATIONS.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(described(&document), listed);

    for &(method, path, open) in OPERATIONS {
        let what = format!("{method} {path}");
        let said = &document["paths"][path][method.to_lowercase()]["security"];
        match open.security() {
            Some(security) => assert_eq!(*said, security, "{what} says of itself"),
            None => assert!(said.as_array().unwrap().contains(&json!({})), "{what} says of itself"),
        }
        let member = ask(&app, Some(&ada_token), method, path).await;
        if open == Public {
            assert_ne!(code(&member), "forbidden", "{what}");
            continue;
        }
        for token in [None, Some("rubbish"), Some("prv_rubbish")] {
            let stranger = ask(&app, token, method, path).await;
            assert_eq!(stranger.status, 401, "{what} lets a stranger in: {}", stranger.text);
            assert!(stranger.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"), "{what}");
        }
        let for_admins = matches!(open, Admin(_) | AdminSession);
        assert_eq!(member.status == 403, for_admins, "{what} to a member: {} {}", member.status, member.text);
        if for_admins {
            assert_eq!(code(&member), "forbidden", "{what}");
            let admin = ask(&app, Some(&master_token), method, path).await;
            assert!(![401, 403, 405].contains(&admin.status.as_u16()), "{what} to an administrator: {} {}", admin.status, admin.text);
        }
    }
    assert_still_signed_in(&[&master, &ada]).await;
}

#[tokio::test]
async fn a_key_opens_what_its_scopes_say_and_nothing_else() {
    let app = TestApp::start().await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let scopes: Vec<_> = portreeve_contract::api_key::Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let whole = key(&master, &scopes).await;
    for &scope in &scopes {
        let others: Vec<_> = scopes.iter().copied().filter(|other| *other != scope).collect();
        let (only, rest, members) = (key(&master, &[scope]).await, key(&master, &others).await, key(&ada, &[scope]).await);
        for &(method, path, open) in OPERATIONS {
            let (Member(needed) | Admin(needed)) = open else { continue };
            if needed != scope {
                continue;
            }
            let what = format!("{method} {path}");
            let let_in = ask(&app, Some(&only), method, path).await;
            assert!(![401, 403].contains(&let_in.status.as_u16()), "{what} with {scope}: {} {}", let_in.status, let_in.text);
            // HEAD has no body that would say why.
            let left_out = ask(&app, Some(&rest), method, path).await;
            assert_eq!(left_out.status, 403, "{what} without {scope}: {}", left_out.text);
            assert!(method == "HEAD" || code(&left_out) == "insufficient_scope", "{what}: {}", left_out.text);
            let of_member = ask(&app, Some(&members), method, path).await;
            assert_eq!(of_member.status == 403, matches!(open, Admin(_)), "{what} with a member's key: {}", of_member.text);
        }
    }
    for &(method, path, _) in OPERATIONS.iter().filter(|(_, _, open)| matches!(open, Session | AdminSession)) {
        ask(&app, Some(&whole), method, path).await.assert_problem(403, "session_required");
    }
    // Nor do the functions of pages take a key.
    let headers = [("authorization".parse().unwrap(), format!("Bearer {whole}").parse().unwrap())];
    app.call_with("users/profile", &json!({}), headers.into_iter().collect()).await.assert_problem(403, "session_required");
}

#[tokio::test]
async fn what_is_answered_is_described() {
    let app = TestApp::start().await;
    let (master, ada) = (app.admin("master").await, app.person("ada").await);
    let (master_token, ada_token, useless) = (master.access_token(), ada.access_token(), key(&ada, &["account:read"]).await);
    let document = app.get("/v1/openapi.json").await.ok().json();
    for &(method, path, open) in OPERATIONS {
        let token = if matches!(open, Admin(_) | AdminSession) { &master_token } else { &ada_token };
        for token in [None, Some(token.as_str()), Some(useless.as_str())] {
            let answer = ask(&app, token, method, path).await;
            let responses = &document["paths"][path][method.to_lowercase()]["responses"];
            let status = answer.status.as_u16().to_string();
            assert!(responses.get(&status).is_some(), "{method} {path} answers {status}, which is not described: {}", answer.text);
        }
    }
    assert_still_signed_in(&[&master, &ada]).await;
}

#[tokio::test]
async fn each_body_has_an_example_that_fits() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let token = master.access_token();
    let document = app.get("/v1/openapi.json").await.ok().json();
    let mut tried = 0;
    for &(method, path, _) in OPERATIONS {
        let content = &document["paths"][path][method.to_lowercase()]["requestBody"]["content"];
        let Some((kind, content)) = content.as_object().and_then(|content| content.iter().find(|(kind, _)| kind.ends_with("json"))) else {
            continue;
        };
        // One that may be left out is one of two.
        let schema = &content["schema"];
        let reference = schema["$ref"].as_str().or_else(|| schema["oneOf"].as_array()?.iter().find_map(|one| one["$ref"].as_str()));
        let schema = document.pointer(&reference.unwrap_or_else(|| panic!("{method} {path}: {content}"))[1..]).unwrap();
        let example = &schema["example"];
        assert!(example.is_object(), "{method} {path} has no example");
        let path = path.replace("{id}", &uuid::Uuid::nil().to_string());
        let answer = app
            .send(|client, url| {
                let request = client.request(method.parse().unwrap(), format!("{url}{path}")).bearer_auth(&token).header("if-match", "*");
                request.header("content-type", kind).body(example.to_string())
            })
            .await;
        let told: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let misfits = told["errors"].as_array().is_some_and(|errors| {
            errors.iter().any(|error| ["required", "unknown", "wrong_shape"].contains(&error["code"].as_str().unwrap_or_default()))
        });
        assert!(answer.status != 400 && answer.status != 415 && !misfits, "{method} {path}: {example}: {}", answer.text);
        tried += 1;
    }
    assert!(tried >= 16, "only {tried}");
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
