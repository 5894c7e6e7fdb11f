use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::json;

use crate::support::TestApp;

const PAST_GRACE: TimeDelta = TimeDelta::seconds(11);

#[tokio::test]
async fn a_refresh_gives_a_new_token_of_each_kind() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let (access, refresh) = (ada.access_token(), ada.refresh_token());
    app.advance(TimeDelta::minutes(5));
    ada.profile().await.assert_problem(401, "invalid_token");
    ada.refresh().await.ok();
    assert!(ada.access_token() != access && ada.refresh_token() != refresh);
    ada.reads_profile().await;
}

#[tokio::test]
async fn a_hundred_parallel_uses_leave_one_live_successor() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let token = ada.refresh_token();
    let answers = join_all((0..100).map(|_| app.refresh_with(&token))).await;
    let mut successors: Vec<_> = answers.into_iter().map(|answer| answer.ok().cookie("__Host-portreeve_refresh").unwrap()).collect();
    successors.dedup();
    assert_eq!(successors.len(), 1, "everyone gets the same one");
    let next = app.refresh_with(&successors[0]).await.ok();
    assert_ne!(next.cookie("__Host-portreeve_refresh").as_ref(), Some(&successors[0]));
}

#[tokio::test]
async fn a_lost_reply_is_no_theft() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let token = ada.refresh_token();
    let lost = app.refresh_with(&token).await.ok();
    // The laptop slept before the reply arrived, and wakes a day later.
    app.advance(TimeDelta::days(1));
    let again = app.refresh_with(&token).await.ok();
    assert_eq!(again.cookie("__Host-portreeve_refresh"), lost.cookie("__Host-portreeve_refresh"));
}

#[tokio::test]
async fn a_reused_refresh_token_ends_the_family() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let elsewhere = app.sign_in("ada").await;
    let stolen = ada.refresh_token();
    ada.refresh().await.ok();
    ada.reads_profile().await; // the successor is in use, so the predecessor is no lost reply any more
    app.advance(PAST_GRACE);

    let answer = app.refresh_with(&stolen).await;
    answer.assert_problem(401, "session_over");
    assert_eq!(answer.cookie("__Host-portreeve_refresh").as_deref(), Some(""));
    ada.refresh().await.assert_problem(401, "session_over");
    ada.profile().await.assert_problem(401, "invalid_token");
    elsewhere.reads_profile().await;
    app.mail("ada@example.org", "Someone may have copied your session").await;
}

#[tokio::test]
async fn the_grace_time_answers_with_the_same_successor_even_when_it_is_in_use() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let token = ada.refresh_token();
    ada.refresh().await.ok();
    ada.reads_profile().await;
    app.advance(TimeDelta::seconds(9));
    let again = app.refresh_with(&token).await.ok();
    assert_eq!(again.cookie("__Host-portreeve_refresh"), Some(ada.refresh_token()));
}

#[tokio::test]
async fn a_grandparent_is_always_theft() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let grandparent = ada.refresh_token();
    ada.refresh().await.ok();
    ada.refresh().await.ok();
    app.refresh_with(&grandparent).await.assert_problem(401, "session_over");
    ada.refresh().await.assert_problem(401, "session_over");
}

#[tokio::test]
async fn what_portreeve_did_not_issue_harms_nobody() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let token = ada.refresh_token();
    let mut flipped = token.clone().into_bytes();
    let middle = flipped.len() / 2;
    flipped[middle] = if flipped[middle] == b'A' { b'B' } else { b'A' };
    for forged in ["", "prr_", "rubbish", &token[..token.len() - 2], &String::from_utf8(flipped).unwrap()] {
        app.refresh_with(forged).await.assert_problem(401, "session_over");
    }
    app.call("auth/refresh", &json!({})).await.assert_problem(401, "session_over");
    ada.refresh().await.ok();
}
