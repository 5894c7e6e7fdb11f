use chrono::TimeDelta;
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn unknown_address_and_wrong_password_get_the_same_answer() {
    let app = TestApp::start().await;
    app.person("ada").await;
    let wrong = app.sign_in_with("ada@example.org", "not the password at all").await;
    let unknown = app.sign_in_with("nobody@example.org", "not the password at all").await;
    wrong.assert_problem(401, "invalid_credentials");
    assert_eq!((wrong.status, &wrong.text), (unknown.status, &unknown.text));
    let names = |answer: &crate::support::Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&wrong), names(&unknown));
}

#[tokio::test]
async fn case_and_spaces_around_an_address_do_not_matter() {
    let app = TestApp::start().await;
    app.person("ada").await;
    app.sign_in_with(" Ada@EXAMPLE.org ", PASSWORD).await.ok();
}

#[tokio::test]
async fn a_disabled_account_is_told_so_only_with_the_right_password() {
    let app = TestApp::start().await;
    let admin = app.admin("grace").await;
    let ada = app.person("ada").await;
    let id = ada.id().await;
    admin.changes(&id, json!({ "status": "disabled" })).await.ok();
    app.sign_in_with("ada@example.org", PASSWORD).await.assert_problem(403, "account_disabled");
    app.sign_in_with("ada@example.org", "not the password at all").await.assert_problem(401, "invalid_credentials");
    admin.changes(&id, json!({ "status": "active" })).await.ok();
    app.sign_in_with("ada@example.org", PASSWORD).await.ok();
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let app = TestApp::start().await;
    let here = app.person("ada").await;
    let there = app.sign_in("ada").await;
    let answer = here.call("auth/sign_out", &json!({})).await.ok();
    assert_eq!(answer.cookie("__Host-portreeve_refresh").as_deref(), Some(""));
    here.profile().await.assert_problem(401, "invalid_token");
    here.refresh().await.assert_problem(401, "session_over");
    there.reads_profile().await;
    here.call("auth/sign_out", &json!({})).await.ok();
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session() {
    let app = TestApp::start().await;
    let here = app.person("ada").await;
    let there = app.sign_in("ada").await;
    here.call("sessions/revoke_all", &json!({})).await.ok();
    for session in [&here, &there] {
        session.profile().await.assert_problem(401, "invalid_token");
        session.refresh().await.assert_problem(401, "session_over");
    }
}

#[tokio::test]
async fn an_idle_session_ends_and_a_used_one_ends_with_its_lifetime() {
    let app = TestApp::start().await;
    let idle = app.person("ada").await;
    let used = app.sign_in("ada").await;
    for _ in 0..5 {
        app.advance(TimeDelta::days(5));
        used.refresh().await.ok();
    }
    idle.refresh().await.assert_problem(401, "session_over");
    app.advance(TimeDelta::days(5) + TimeDelta::seconds(1));
    used.refresh().await.assert_problem(401, "session_over");
}
