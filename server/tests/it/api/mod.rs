//! `/v1`, as programs use it.

mod auth;
mod compression;
mod conventions;
pub(crate) mod description;
mod errors;
mod idempotency;
mod keys;
mod me;
mod pages;
mod reference;
mod service_accounts;
mod stream;
mod undocumented;
mod users;

use serde_json::Value;

use crate::support::{Answer, Person, TestApp};

/// `POST` of JSON by nobody.
async fn post(app: &TestApp, path: &str, body: &Value) -> Answer {
    app.send(|client, url| client.post(format!("{url}{path}")).json(body)).await
}

/// Any method with JSON, by somebody.
async fn send(person: &Person<'_>, method: &str, path: &str, body: &Value) -> Answer {
    let method = method.parse().unwrap();
    person.send(|client, url| client.request(method, format!("{url}{path}")).json(body)).await
}

/// An edit of what was seen.
async fn patch(person: &Person<'_>, path: &str, seen: &str, body: &Value) -> Answer {
    person.send(|client, url| client.patch(format!("{url}{path}")).header("if-match", seen).json(body)).await
}

fn etag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}
