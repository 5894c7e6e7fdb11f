use chrono::TimeDelta;
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn looking_at_the_link_consumes_nothing_and_using_it_does() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let mail = app.mail("ada@example.org", "").await;
    let token = mail.token("/verify-email");
    assert!(mail.html.contains(&token) && mail.text.contains(&app.url), "{}", mail.text);
    for _ in 0..3 {
        let link = app.call("auth/inspect_link", &json!({ "token": token })).await.ok().json();
        assert_eq!((link["purpose"].as_str(), link["email"].as_str()), (Some("verify_email"), Some("ada@example.org")));
    }
    assert_eq!(ada.reads_profile().await["email_verified"], false);
    app.call("auth/verify_email", &json!({ "token": token })).await.ok();
    assert_eq!(ada.reads_profile().await["email_verified"], true);
    app.call("auth/verify_email", &json!({ "token": token })).await.assert_problem(404, "link_invalid");
}

#[tokio::test]
async fn the_link_lasts_a_day_and_another_can_be_had() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let token = app.mail("ada@example.org", "").await.token("/verify-email");
    app.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    app.call("auth/verify_email", &json!({ "token": token })).await.assert_problem(404, "link_invalid");
    ada.refresh().await.ok();
    app.all_mail_sent().await;
    let before = app.mails().len();
    ada.call("auth/resend_verification", &json!({})).await.ok();
    app.all_mail_sent().await;
    let again = app.mails().split_off(before).remove(0).token("/verify-email");
    app.call("auth/verify_email", &json!({ "token": again })).await.ok();
}

#[tokio::test]
async fn an_address_changes_when_its_new_owner_says_so_and_the_old_one_is_told() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let change = |email: &str, password: &str| json!({ "change": { "email": email, "password": password } });
    ada.call("users/change_email", &change("ada@example.net", "not the password at all"))
        .await
        .assert_fields(&[("/password", "wrong_password")]);
    ada.call("users/change_email", &change("rubbish", PASSWORD)).await.assert_fields(&[("/email", "malformed")]);
    ada.call("users/change_email", &change("ada@example.net", PASSWORD)).await.ok();
    let profile = ada.reads_profile().await;
    assert_eq!((profile["email"].as_str(), profile["pending_email"].as_str()), (Some("ada@example.org"), Some("ada@example.net")));

    let token = app.mail("ada@example.net", "").await.token("/verify-email");
    app.call("auth/verify_email", &json!({ "token": token })).await.ok();
    let profile = ada.reads_profile().await;
    assert_eq!(
        (profile["email"].as_str(), &profile["pending_email"], &profile["email_verified"]),
        (Some("ada@example.net"), &json!(null), &json!(true))
    );
    let notice = app.mail("ada@example.org", "was changed").await;
    assert!(notice.text.contains("ada@example.net"), "{}", notice.text);
    app.sign_in_with("ada@example.net", PASSWORD).await.ok();
    app.sign_in_with("ada@example.org", PASSWORD).await.assert_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn another_persons_address_cannot_be_taken() {
    let app = TestApp::start().await;
    app.person("ada").await;
    let eve = app.person("eve").await;
    eve.call("users/change_email", &json!({ "change": { "email": "ADA@example.org", "password": PASSWORD } }))
        .await
        .assert_problem(409, "email_taken");
}

#[tokio::test]
async fn a_link_for_one_thing_does_nothing_else() {
    let app = TestApp::start().await;
    app.person("ada").await;
    let token = app.mail("ada@example.org", "").await.token("/verify-email");
    let reset = json!({ "request": { "token": token, "password": "another lantern harbour box" } });
    app.call("auth/reset_password", &reset).await.assert_problem(404, "link_invalid");
    let setup = json!({ "setup": { "token": token, "name": "Ada", "email": "x@example.org", "password": PASSWORD } });
    app.call("auth/setup", &setup).await.assert_problem(404, "link_invalid");
}
