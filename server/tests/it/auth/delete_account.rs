use std::time::Duration;

use chrono::TimeDelta;
use portreeve_database::{DbErr, event, user};
use serde_json::json;
use tokio::{sync::oneshot, time::sleep};

use crate::support::{PASSWORD, TestApp};

fn request(password: &str) -> serde_json::Value {
    json!({ "request": { "password": password } })
}

#[tokio::test]
async fn an_account_is_erased_after_a_week() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let id = ada.id().await;
    let file = ada.post_file("a.txt", "text/plain", "soundings", &[]).await.ok().json();
    let (file, key) = (file["file"]["id"].as_str().unwrap().to_owned(), file["file_key"].as_str().unwrap().to_owned());
    ada.stored_file(&file).await;
    let share = ada.send(|client, url| client.post(format!("{url}/v1/files/{file}/shares")).json(&json!({}))).await.ok().json();
    let shared = format!("/v1/shared/{}", share["url"].as_str().unwrap().rsplit('/').next().unwrap());
    app.get(&shared).await.ok();
    assert!(app.has_object(&key));
    ada.call("users/delete_account", &request("not the password at all")).await.assert_fields(&[("/password", "wrong_password")]);
    ada.call("users/delete_account", &request(PASSWORD)).await.ok();
    ada.profile().await.assert_problem(401, "invalid_token");

    app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    app.services.housekeep().await.unwrap();
    assert!(user::find(app.services.database().reader(), id.parse().unwrap()).await.unwrap().is_some());
    app.advance(TimeDelta::seconds(1));
    app.services.housekeep().await.unwrap();
    assert!(user::find(app.services.database().reader(), id.parse().unwrap()).await.unwrap().is_none());
    app.services.housekeep().await.unwrap();
    assert!(!app.has_object(&key), "what was hers is gone with her");
    app.get(&shared).await.assert_problem(404, "link_invalid");
    app.sign_in_with("ada@example.org", PASSWORD).await.assert_problem(401, "invalid_credentials");
    let told = event::find_of_subject(app.services.database().reader(), &id).await.unwrap();
    assert_eq!(told.last().map(|event| event.r#type.as_str()), Some("user.erased"));
    app.person("ada").await;
}

#[tokio::test]
async fn signing_in_within_the_week_keeps_the_account() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    ada.call("users/delete_account", &request(PASSWORD)).await.ok();
    app.advance(TimeDelta::days(6));
    let answer = app.sign_in_with("ada@example.org", PASSWORD).await.ok();
    assert_eq!(answer.json()["account_kept"], true, "the page can say so");
    app.mail("ada@example.org", "stays").await;
    let back = app.sign_in("ada").await;
    app.advance(TimeDelta::days(2));
    app.services.housekeep().await.unwrap();
    back.refresh().await.ok();
    back.reads_profile().await;
    assert_eq!(app.sign_in_with("ada@example.org", PASSWORD).await.ok().json()["account_kept"], false);
}

#[tokio::test]
async fn who_signs_in_at_the_last_moment_keeps_account_and_files() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let id = ada.id().await.parse().unwrap();
    ada.post_file("a.txt", "text/plain", "kept", &[]).await.ok();
    ada.call("users/delete_account", &request(PASSWORD)).await.ok();
    app.advance(TimeDelta::days(7));

    // While somebody else writes, the one comes first and the other has found what is due already.
    let (release, released) = oneshot::channel::<()>();
    let writing = app.services.database().write(async move |transaction| {
        user::find_for_update(&transaction, id).await?;
        let _ = released.await;
        Ok::<_, DbErr>(())
    });
    let erasing = async {
        sleep(Duration::from_secs(2)).await;
        futures::join!(app.services.users.erase_due(), async {
            sleep(Duration::from_secs(1)).await;
            release.send(()).unwrap();
        })
    };
    let (written, signed_in, (erased, ())) = futures::join!(writing, app.sign_in_with("ada@example.org", PASSWORD), erasing);
    written.unwrap();
    erased.unwrap();
    assert_eq!(signed_in.ok().json()["account_kept"], true);
    app.services.files.housekeep().await.unwrap();
    let ada = app.sign_in("ada").await;
    assert_eq!(ada.get("/v1/files").await.ok().json()["total"], 1);
}
