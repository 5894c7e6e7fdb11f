use chrono::TimeDelta;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_person_sees_where_they_are_signed_in() {
    let app = TestApp::start().await;
    let here = app.person("ada").await;
    app.advance(TimeDelta::seconds(1));
    app.sign_in("ada").await;
    app.person("eve").await;
    let sessions = here.call("sessions/list", &json!({})).await.ok().json();
    let sessions = sessions.as_array().unwrap();
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    assert!(sessions.iter().all(|session| session["address"] == "127.0.0.1"));
}

#[tokio::test]
async fn a_revoked_session_is_over_with_its_next_request() {
    let app = TestApp::start().await;
    let here = app.person("ada").await;
    let there = app.sign_in("ada").await;
    there.reads_profile().await;
    let sessions = here.call("sessions/list", &json!({})).await.ok().json();
    let other = sessions.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap()["id"].clone();
    here.call("sessions/revoke", &json!({ "id": other })).await.ok();
    there.profile().await.assert_problem(401, "invalid_token");
    there.refresh().await.assert_problem(401, "session_over");
    here.reads_profile().await;
    here.call("sessions/revoke", &json!({ "id": other })).await.assert_problem(404, "session_not_found");
}

#[tokio::test]
async fn somebody_elses_session_does_not_exist() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let eve = app.person("eve").await;
    let id = ada.call("sessions/list", &json!({})).await.ok().json()[0]["id"].clone();
    eve.call("sessions/revoke", &json!({ "id": id })).await.assert_problem(404, "session_not_found");
    ada.reads_profile().await;
}

#[tokio::test]
async fn the_others_can_be_revoked_all_at_once() {
    let app = TestApp::start().await;
    let here = app.person("ada").await;
    let others = [app.sign_in("ada").await, app.sign_in("ada").await];
    here.call("sessions/revoke_others", &json!({})).await.ok();
    here.reads_profile().await;
    for other in others {
        other.profile().await.assert_problem(401, "invalid_token");
    }
}

#[tokio::test]
async fn last_seen_is_written_down() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let before = ada.call("sessions/list", &json!({})).await.ok().json()[0]["last_seen"].clone();
    app.advance(TimeDelta::minutes(2));
    ada.reads_profile().await;
    app.services.sessions.flush_seen().await.unwrap();
    let after = ada.call("sessions/list", &json!({})).await.ok().json()[0]["last_seen"].clone();
    assert_ne!(before, after);
}
