use chrono::TimeDelta;
use serde_json::Value;

use crate::support::TestApp;

async fn published(app: &TestApp) -> Vec<String> {
    let jwks = app.get("/.well-known/jwks.json").await.ok().json();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_key_set_holds_public_halves_only() {
    let app = TestApp::start().await;
    let answer = app.get("/.well-known/jwks.json").await.ok();
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    let jwks: Value = answer.json();
    for key in jwks["keys"].as_array().unwrap() {
        assert_eq!(
            (key["kty"].as_str(), key["crv"].as_str(), key["alg"].as_str(), key["use"].as_str()),
            (Some("EC"), Some("P-256"), Some("ES256"), Some("sig"))
        );
        assert!(key["d"].is_null());
    }
}

#[tokio::test]
async fn a_rotation_is_published_before_it_signs_and_the_old_key_stays_until_its_last_token_is_over() {
    let app = TestApp::start().await;
    let before = published(&app).await;
    let ada = app.person("ada").await;
    let next = app.services.keys.rotate().await.unwrap().kid;
    assert_eq!(published(&app).await, [before[0].clone(), next.clone()]);
    assert_eq!(signing(&app), before[0], "not yet");

    app.advance(TimeDelta::minutes(15));
    assert_eq!(signing(&app), next);
    ada.refresh().await.ok();
    ada.reads_profile().await;
    app.advance(TimeDelta::minutes(5));
    app.services.housekeep().await.unwrap();
    assert_eq!(published(&app).await.len(), 2, "a token of the old key may still be valid");
    app.advance(TimeDelta::minutes(2));
    app.services.housekeep().await.unwrap();
    assert_eq!(published(&app).await, [next]);
}

#[tokio::test]
async fn keys_rotate_by_themselves_every_month() {
    let app = TestApp::start().await;
    let first = signing(&app);
    app.advance(TimeDelta::days(30));
    app.services.housekeep().await.unwrap();
    app.advance(TimeDelta::minutes(16));
    assert_ne!(signing(&app), first);
}

#[tokio::test]
async fn private_keys_are_not_in_the_database_in_plain() {
    let app = TestApp::start().await;
    let rows =
        portreeve_database::signing_key::find_published(app.services.database().reader(), chrono::DateTime::UNIX_EPOCH).await.unwrap();
    // PKCS #8 for P-256 begins with this.
    assert!(rows.iter().all(|row| !row.sealed.windows(4).any(|bytes| bytes == [0x30, 0x81, 0x87, 0x02])));
}

fn signing(app: &TestApp) -> String {
    app.services.keys.list().into_iter().find(|key| key.signing).expect("a signing key").kid
}
