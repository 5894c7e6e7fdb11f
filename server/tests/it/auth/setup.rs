use chrono::TimeDelta;
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

fn token(app: &TestApp) -> String {
    app.setup.as_deref().and_then(|link| link.split_once("/setup?token=")).expect("a link").1.to_owned()
}

fn form(token: &str, name: &str) -> serde_json::Value {
    json!({ "setup": { "token": token, "name": name, "email": format!("{name}@example.org"), "password": PASSWORD } })
}

#[tokio::test]
async fn the_first_link_makes_one_administrator() {
    let app = TestApp::start().await;
    let token = token(&app);
    let link = app.call("auth/inspect_link", &json!({ "token": token })).await.ok().json();
    assert_eq!(link["purpose"], "setup");
    app.call("auth/setup", &form(&token, "grace")).await.ok();
    let admin = app.sign_in("grace").await;
    assert_eq!(admin.reads_profile().await["role"], "admin");
    app.call("auth/setup", &form(&token, "eve")).await.assert_problem(404, "link_invalid");
}

#[tokio::test]
async fn of_many_who_use_it_at_once_one_becomes_administrator() {
    let app = TestApp::start().await;
    let token = token(&app);
    let (grace, eve) = (form(&token, "grace"), form(&token, "eve"));
    let (one, two) = tokio::join!(app.call("auth/setup", &grace), app.call("auth/setup", &eve));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404]);
}

#[tokio::test]
async fn a_form_that_is_refused_leaves_the_link_working() {
    let app = TestApp::start().await;
    let token = token(&app);
    let bad = json!({ "setup": { "token": token, "name": "grace", "email": "grace", "password": PASSWORD } });
    app.call("auth/setup", &bad).await.assert_problem(422, "invalid");
    app.call("auth/setup", &form(&token, "grace")).await.ok();
}

#[tokio::test]
async fn the_link_lasts_an_hour() {
    let app = TestApp::start().await;
    let token = token(&app);
    app.advance(TimeDelta::hours(1) + TimeDelta::seconds(1));
    app.call("auth/setup", &form(&token, "grace")).await.assert_problem(404, "link_invalid");
}
