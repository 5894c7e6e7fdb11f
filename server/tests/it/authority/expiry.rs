//! What ends by the clock ends for those who are remembered, too.

use chrono::TimeDelta;
use serde_json::json;

use super::remembered;
use crate::support::{Answer, TestApp};

#[tokio::test]
async fn a_session_ends_with_its_time_though_it_is_remembered() {
    let lifetimes = [
        ("PORTREEVE__TOKENS__ACCESS_LIFETIME", "1h"),
        ("PORTREEVE__TOKENS__REFRESH_IDLE", "1h"),
        ("PORTREEVE__TOKENS__REFRESH_LIFETIME", "1h"),
    ];
    let app = TestApp::start_with(&lifetimes).await;
    let ada = app.person("ada").await;
    app.advance(TimeDelta::minutes(30));
    ada.refresh().await.ok();
    remembered(&app, || ada.profile()).await.ok();
    // The token itself is good for half an hour more.
    app.advance(TimeDelta::minutes(30));
    remembered(&app, || ada.profile()).await.assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn a_key_ends_with_its_time_though_it_is_remembered() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let new = json!({ "key": { "name": "crane", "scopes": ["account:read"], "expires_at": app.now() + TimeDelta::hours(1) } });
    let made = ada.call("api_keys/create", &new).await.ok().json();
    let key = made["key"].as_str().unwrap();
    remembered(&app, || me(&app, key)).await.ok();
    app.advance(TimeDelta::hours(1));
    remembered(&app, || me(&app, key)).await.assert_problem(401, "invalid_token");
}

async fn me(app: &TestApp, key: &str) -> Answer {
    app.send(|client, url| client.get(format!("{url}/v1/me")).bearer_auth(key)).await
}
