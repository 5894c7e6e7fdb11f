use chrono::TimeDelta;
use portreeve_contract::api_key::{NewApiKey, Scope};
use portreeve_services::{Origin, api_keys};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};

const NEW: &str = "another lantern harbour box";

fn reset(token: &str, password: &str) -> Value {
    json!({ "request": { "token": token, "password": password } })
}

async fn ask_for_link(app: &TestApp, email: &str) -> crate::support::Answer {
    app.call("auth/forgot_password", &json!({ "request": { "email": email } })).await
}

#[tokio::test]
async fn a_reset_ends_every_session_and_proves_the_address() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    ask_for_link(&app, "Ada@example.org").await.ok();
    let token = app.mail("ada@example.org", "assword").await.token("/reset-password");
    app.call("auth/reset_password", &reset(&token, NEW)).await.ok();

    ada.profile().await.assert_problem(401, "invalid_token");
    ada.refresh().await.assert_problem(401, "session_over");
    app.sign_in_with("ada@example.org", PASSWORD).await.assert_problem(401, "invalid_credentials");
    let again = app.sign_in_with("ada@example.org", NEW).await.ok();
    assert!(again.cookie("__Host-portreeve_refresh").is_some());
    app.call("auth/reset_password", &reset(&token, NEW)).await.assert_problem(404, "link_invalid");
}

#[tokio::test]
async fn asking_tells_nothing_about_who_has_an_account() {
    let app = TestApp::start().await;
    app.person("ada").await;
    app.all_mail_sent().await;
    let before = app.mails().len();
    let known = ask_for_link(&app, "ada@example.org").await.ok();
    let unknown = ask_for_link(&app, "nobody@example.org").await.ok();
    assert_eq!((known.status, known.text), (unknown.status, unknown.text));
    app.all_mail_sent().await;
    let mails = app.mails().split_off(before);
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["ada@example.org"]);
}

#[tokio::test]
async fn a_reset_link_lasts_half_an_hour_and_a_refused_password_does_not_use_it_up() {
    let app = TestApp::start().await;
    app.person("ada").await;
    ask_for_link(&app, "ada@example.org").await.ok();
    let token = app.mail("ada@example.org", "assword").await.token("/reset-password");
    app.call("auth/reset_password", &reset(&token, "short")).await.assert_fields(&[("/password", "too_short")]);
    app.call("auth/inspect_link", &json!({ "token": token })).await.ok();
    app.advance(TimeDelta::minutes(30) + TimeDelta::seconds(1));
    app.call("auth/reset_password", &reset(&token, NEW)).await.assert_problem(404, "link_invalid");
}

#[tokio::test]
async fn a_change_asks_for_the_current_password_and_ends_the_other_sessions() {
    let app = TestApp::start().await;
    let here = app.person("ada").await;
    let there = app.sign_in("ada").await;
    let change = |current: &str, new: &str| json!({ "change": { "current_password": current, "password": new } });
    here.call("users/change_password", &change("not the password at all", NEW))
        .await
        .assert_fields(&[("/current_password", "wrong_password")]);
    here.call("users/change_password", &change(PASSWORD, "short")).await.assert_fields(&[("/password", "too_short")]);
    there.reads_profile().await;
    here.call("users/change_password", &change(PASSWORD, NEW)).await.ok();
    here.reads_profile().await;
    here.refresh().await.ok();
    there.profile().await.assert_problem(401, "invalid_token");
    app.sign_in_with("ada@example.org", NEW).await.ok();
    app.mail("ada@example.org", "assword").await;
}

#[tokio::test]
async fn a_new_password_takes_back_a_change_of_address_that_waits() {
    let app = TestApp::start().await;
    for way in ["reset", "change"] {
        let ada = app.person(way).await;
        let (own, other) = (format!("{way}@example.org"), format!("{way}@example.net"));
        ada.call("users/change_email", &json!({ "change": { "email": other, "password": PASSWORD } })).await.ok();
        let link = app.mail(&other, "").await.token("/verify-email");
        if way == "reset" {
            ask_for_link(&app, &own).await.ok();
            let token = app.mail(&own, "assword").await.token("/reset-password");
            app.call("auth/reset_password", &reset(&token, NEW)).await.ok();
        } else {
            ada.call("users/change_password", &json!({ "change": { "current_password": PASSWORD, "password": NEW } })).await.ok();
        }
        app.call("auth/verify_email", &json!({ "token": link })).await.assert_problem(404, "link_invalid");
        app.sign_in_with(&own, NEW).await.ok();
        app.sign_in_with(&other, NEW).await.assert_problem(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn no_key_that_was_asked_for_before_is_made_after() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    // What the gateway found a moment before.
    let caller = app.services.auth.authenticate(Origin::local(), &ada.access_token()).await.unwrap();
    ask_for_link(&app, "ada@example.org").await.ok();
    let token = app.mail("ada@example.org", "assword").await.token("/reset-password");
    app.call("auth/reset_password", &reset(&token, NEW)).await.ok();
    let key = NewApiKey { name: "crane".to_owned(), scopes: vec![Scope::AccountRead], expires_at: None, plan: None };
    let made = app.services.api_keys.create(&caller, key, None).await;
    assert!(matches!(made, Err(api_keys::Error::SessionOver)));
}
