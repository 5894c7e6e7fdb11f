//! What the description does not name is not there.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::description::of_nothing;
use crate::support::{Answer, TestApp};

const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FROBNICATE"];

async fn paths(app: &TestApp) -> Map<String, Value> {
    app.get("/v1/openapi.json").await.ok().json()["paths"].as_object().expect("paths").clone()
}

async fn ask(app: &TestApp, method: &str, path: &str) -> Answer {
    app.send(|client, url| client.request(method.parse().unwrap(), format!("{url}{path}"))).await
}

/// HEAD has no body that would say more.
#[track_caller]
fn assert_refused(method: &str, path: &str, answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{method} {path}");
    if method != "HEAD" {
        answer.assert_problem(status, code);
    }
}

/// What is described, what follows from it (RFC 9110 §9.3.2), and what can be asked of anything.
fn methods(item: &Value) -> BTreeSet<&str> {
    let described = METHODS.into_iter().filter(|method| item.get(method.to_lowercase()).is_some());
    let head = item.get("get").map(|_| "HEAD");
    described.chain(head).chain(["OPTIONS"]).collect()
}

#[tokio::test]
async fn a_method_that_is_not_described_is_refused_and_told_which_are() {
    let app = TestApp::start().await;
    let mut refused = 0;
    for (path, item) in paths(&app).await {
        let (described, path) = (methods(&item), of_nothing(&path));
        for method in METHODS.into_iter().filter(|method| !described.contains(method)) {
            let answer = ask(&app, method, &path).await;
            assert_refused(method, &path, &answer, 405, "method_not_allowed");
            let allowed: BTreeSet<_> = answer.headers["allow"].to_str().unwrap().split(", ").collect();
            assert_eq!(allowed, described, "{method} {path}");
            refused += 1;
        }
    }
    assert!(refused > 200, "only {refused}");
}

fn is_described(paths: &Map<String, Value>, path: &str) -> bool {
    let fits = |(part, wanted): (&str, &str)| if wanted.starts_with('{') { !part.is_empty() } else { part == wanted };
    let same_length = |described: &&String| described.split('/').count() == path.split('/').count();
    paths.keys().filter(same_length).any(|described| path.split('/').zip(described.split('/')).all(fits))
}

#[tokio::test]
async fn beside_the_paths_that_are_described_nothing_answers() {
    let app = TestApp::start().await;
    let paths = paths(&app).await;
    let mut beside: BTreeSet<String> = ["/v1", "/v1/", "/v1/unknown", "/v1/unknown/"].map(str::to_owned).into();
    for path in paths.keys().map(|path| of_nothing(path)) {
        beside.extend(["/", "/beside", "/beside/it"].map(|more| format!("{path}{more}")));
    }
    beside.retain(|path| !is_described(&paths, path));
    assert!(beside.len() > 2 * paths.len(), "only {beside:?}");
    for path in &beside {
        for method in METHODS {
            assert_refused(method, path, &ask(&app, method, path).await, 404, "not_found");
        }
    }
}
