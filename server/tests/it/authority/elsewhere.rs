//! Made by another process over the same database.

use portreeve_database::{
    DbErr, event,
    user::{self, User},
};
use serde_json::json;
use tokio::sync::oneshot;

use super::{A_SECOND, acts::all_are_seen, an_event, remembered, seen};
use crate::support::TestApp;

#[tokio::test]
async fn whatever_another_process_changes_is_so_within_a_second() {
    let here = TestApp::start().await;
    let there = here.beside().await;
    all_are_seen(&here, &there, A_SECOND).await;
}

#[tokio::test]
async fn a_token_that_another_process_gave_is_good_at_once() {
    let here = TestApp::start().await;
    let there = here.beside().await;
    let ada = here.person("ada").await;
    for _ in 0..3 {
        remembered(&here, || ada.profile()).await.ok();
        let elsewhere = ada.at(&there);
        elsewhere.refresh().await.ok();
        elsewhere.at(&here).reads_profile().await;
        ada.refresh().await.ok();
    }
}

/// Its sequence number is lower than one that was seen long ago.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_change_that_commits_late_is_heard_of() {
    let here = TestApp::start().await;
    let there = here.beside().await;
    let ada = here.person("ada").await;
    let eve = here.person("eve").await.at(&there);
    let id = ada.id().await;
    let (appended, is_appended) = oneshot::channel();
    let (commit, may_commit) = oneshot::channel::<()>();
    let (database, told) = (there.services.database().clone(), id.clone());
    let late = tokio::spawn(async move {
        let written = database.write(async move |transaction| {
            let user = user::find_for_update(&transaction, told.parse().unwrap()).await?.expect("an account");
            user::update(&transaction, User { name: "Augusta".to_owned(), ..user }).await?;
            event::append(&transaction, an_event("user.updated", &told)).await?;
            appended.send(()).unwrap();
            may_commit.await.unwrap();
            Ok::<_, DbErr>(())
        });
        written.await.unwrap();
    });
    is_appended.await.unwrap();
    // A later one has come and gone before it.
    eve.call("users/update_profile", &json!({ "change": { "name": "Evelyn" } })).await.ok();
    let last = here.services.stream().last_position().await.unwrap();
    while here.services.stream().last_position().await.unwrap() == last {
        eve.call("users/update_profile", &json!({ "change": { "name": format!("Eve {last}") } })).await.ok();
    }
    tokio::time::sleep(A_SECOND).await;
    assert_eq!(remembered(&here, || ada.profile()).await.ok().json()["name"], "ada");

    commit.send(()).unwrap();
    late.await.unwrap();
    seen("a change that committed late", A_SECOND, async || ada.reads_profile().await["name"] == "Augusta").await;
}

/// Not only looked for.
#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn the_other_nodes_are_told_of_a_change() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let url = app.engines.database.as_deref().expect("PostgreSQL");
    let mut listener = sea_orm::sqlx::postgres::PgListener::connect(url).await.unwrap();
    listener.listen("portreeve_standing").await.unwrap();
    ada.call("auth/sign_out", &json!({})).await.ok();
    tokio::time::timeout(super::PATIENCE, listener.recv()).await.expect("a notification").unwrap();
}
