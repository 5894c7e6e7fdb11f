//! What clients send that no honest one would.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::support::TestApp;

const SMALL: &[(&str, &str)] =
    &[("PORTREEVE__FILES__MAX_SIZE", "1 KiB"), ("PORTREEVE__FILES__MAX_BYTES", "3 KiB"), ("PORTREEVE__FILES__MAX_UPLOADS", "2")];

#[tokio::test]
async fn names_are_data_and_never_paths() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for (sent, kept) in [
        ("../../etc/passwd", "../../etc/passwd"),
        ("CON", "CON"),
        ("<img src=x onerror=alert(1)>.svg", "<img src=x onerror=alert(1)>.svg"),
        ("evil\u{202e}fdp.exe", "evil\u{fffd}fdp.exe"),
        ("a\u{0}b.txt", "a\u{fffd}b.txt"),
        ("", "untitled"),
    ] {
        let answer = ada.post_file(sent, "text/plain", "x", &[]).await.ok().json();
        assert_eq!(answer["file"]["name"], kept);
        assert_eq!(answer["file_key"], format!("uploads/{}.txt", answer["file"]["id"].as_str().unwrap()));

        let created = ada.create_upload(1, &named(sent)).await.ok();
        let location = created.headers["location"].to_str().unwrap();
        ada.patch_upload(location, 0, "x", &[]).await.ok();
        let id = location.rsplit('/').next().unwrap();
        let file = ada.get(&format!("/v1/files/{id}")).await.ok().json();
        assert_eq!((&file["name"], &file["file_key"]), (&kept.into(), &format!("uploads/{id}.txt").into()));
    }
    let long = "x".repeat(4096);
    ada.post_file(&long, "text/plain", "x", &[]).await.assert_problem(422, "invalid");
    ada.create_upload(1, &named(&long)).await.assert_problem(422, "invalid");
    assert_eq!(ada.get("/v1/files").await.ok().json()["total"], 12);
}

/// `Upload-Metadata` of a name.
fn named(name: &str) -> String {
    format!("filename {}", BASE64_STANDARD.encode(name))
}

#[tokio::test]
async fn nothing_exactly_the_limit_and_one_byte_more() {
    let app = TestApp::start_with(SMALL).await;
    let ada = app.person("ada").await;
    let empty = ada.post_file("empty", "text/plain", "", &[]).await.ok().json();
    ada.stored_file(empty["file"]["id"].as_str().unwrap()).await;
    let full = ada.post_file("full", "text/plain", vec![b'x'; 1024], &[]).await.ok().json();
    ada.stored_file(full["file"]["id"].as_str().unwrap()).await;
    ada.post_file("more", "text/plain", vec![b'x'; 1025], &[]).await.assert_problem(413, "file_too_large");
    ada.create_upload(1025, "").await.assert_problem(413, "file_too_large");
    let nothing = ada.create_upload(0, "").await.ok();
    assert_eq!(nothing.headers["upload-offset"], "0");
    ada.stored_file(nothing.headers["location"].to_str().unwrap().rsplit('/').next().unwrap()).await;
}

#[tokio::test]
async fn a_persons_share_is_kept_to_however_many_come_at_once() {
    let app = TestApp::start_with(SMALL).await;
    let ada = app.person("ada").await;
    let send = || ada.post_file("part", "text/plain", vec![b'x'; 1000], &[]);
    let answers = futures::future::join_all((0..8).map(|_| send())).await;
    let taken = answers.iter().filter(|answer| answer.status == 202).count();
    assert_eq!(taken, 3);
    for answer in answers.iter().filter(|answer| answer.status != 202) {
        answer.assert_problem(413, "quota_exceeded");
    }
    // Room that is given back can be used again.
    let id = answers.iter().find(|answer| answer.status == 202).unwrap().json()["file"]["id"].as_str().unwrap().to_owned();
    ada.stored_file(&id).await;
    for _ in 0..2 {
        ada.send(|client, url| client.delete(format!("{url}/v1/files/{id}"))).await.ok();
    }
    ada.get(&format!("/v1/files/{id}")).await.assert_problem(404, "file_not_found");
    send().await.ok();
}

#[tokio::test]
async fn a_person_has_so_many_files_and_no_more_however_many_come_at_once() {
    let app = TestApp::start_with(&[("PORTREEVE__FILES__MAX_FILES", "3")]).await;
    let ada = app.person("ada").await;
    // An upload counts from its creation on.
    let unfinished = ada.create_upload(10, "").await.ok().headers["location"].to_str().unwrap().to_owned();
    let send = || ada.post_file("small", "text/plain", "x", &[]);
    let answers = futures::future::join_all((0..8).map(|_| send())).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 2);
    for answer in answers.iter().filter(|answer| answer.status != 202) {
        answer.assert_problem(413, "quota_exceeded");
    }
    ada.create_upload(10, "").await.assert_problem(413, "quota_exceeded");
    let others = app.person("eve").await;
    others.post_file("small", "text/plain", "x", &[]).await.ok();

    ada.send(|client, url| client.delete(format!("{url}{unfinished}")).header("tus-resumable", "1.0.0")).await.ok();
    send().await.ok();
    send().await.assert_problem(413, "quota_exceeded");
}

#[tokio::test]
async fn what_is_announced_is_held_to() {
    let app = TestApp::start_with(SMALL).await;
    let ada = app.person("ada").await;
    let location = ada.create_upload(100, "").await.ok().headers["location"].to_str().unwrap().to_owned();
    ada.patch_upload(&location, 0, vec![b'x'; 101], &[]).await.assert_problem(413, "upload_too_long");
    ada.patch_upload(&location, 7, vec![b'x'; 10], &[]).await.assert_problem(409, "wrong_offset");
    ada.patch_upload(&location, 0, vec![b'x'; 60], &[]).await.ok();
    ada.patch_upload(&location, 30, vec![b'x'; 70], &[]).await.assert_problem(409, "wrong_offset");
    // Two more would be too many unfinished ones.
    ada.create_upload(100, "").await.ok();
    ada.create_upload(100, "").await.assert_problem(409, "too_many_uploads");
    let gone = ada.send(|client, url| client.delete(format!("{url}{location}")).header("tus-resumable", "1.0.0")).await.ok();
    assert_eq!(gone.status, 204);
    assert_eq!(ada.head_upload(&location).await.status, 404);
    ada.create_upload(100, "").await.ok();
}

#[tokio::test]
async fn a_checksum_that_does_not_fit_leaves_nothing_of_the_part() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let location = ada.create_upload(8, "").await.ok().headers["location"].to_str().unwrap().to_owned();
    let sha1 = |bytes: &[u8]| {
        format!("sha1 {}", BASE64_STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes)))
    };
    let sha256 = |bytes: &[u8]| format!("sha256 {}", BASE64_STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes)));
    ada.patch_upload(&location, 0, "harb", &[("upload-checksum", &sha1(b"harm"))]).await.assert_problem(460, "checksum_mismatch");
    assert_eq!(ada.head_upload(&location).await.headers["upload-offset"], "0");
    ada.patch_upload(&location, 0, "harb", &[("upload-checksum", "md5 AAAA")]).await.assert_problem(400, "upload_checksum");
    ada.patch_upload(&location, 0, "harb", &[("upload-checksum", &sha1(b"harb"))]).await.ok();
    ada.patch_upload(&location, 4, "ours", &[("upload-checksum", &sha256(b"ours"))]).await.ok();
    let id = location.rsplit('/').next().unwrap();
    ada.stored_file(id).await;
    assert_eq!(ada.get(&format!("/v1/files/{id}/content")).await.text, "harbours");
}

#[tokio::test]
async fn what_is_somebody_elses_is_not_there() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    let id = ada.post_file("mine", "text/plain", "mine", &[]).await.ok().json()["file"]["id"].as_str().unwrap().to_owned();
    ada.stored_file(&id).await;
    let location = ada.create_upload(10, "").await.ok().headers["location"].to_str().unwrap().to_owned();

    for path in
        [format!("/v1/files/{id}"), format!("/v1/files/{id}/content"), format!("/v1/files/{id}/shares"), "/v1/files/nonsense".to_owned()]
    {
        assert_eq!(eve.get(&path).await.status, 404, "{path}");
        app.get(&path).await.assert_problem(401, "token_missing");
    }
    eve.send(|client, url| client.delete(format!("{url}/v1/files/{id}"))).await.assert_problem(404, "file_not_found");
    eve.send(|client, url| client.patch(format!("{url}/v1/files/{id}")).header("if-match", "*").json(&json!({ "name": "hers" })))
        .await
        .assert_problem(404, "file_not_found");
    eve.send(|client, url| client.post(format!("{url}/v1/files/{id}/links")).json(&json!({}))).await.assert_problem(404, "file_not_found");
    eve.send(|client, url| client.post(format!("{url}/v1/files/{id}/shares")).json(&json!({}))).await.assert_problem(404, "file_not_found");
    let share = ada.send(|client, url| client.post(format!("{url}/v1/files/{id}/shares")).json(&json!({}))).await.ok().json();
    let path = format!("/v1/files/{id}/shares/{}", share["id"].as_str().unwrap());
    eve.send(|client, url| client.delete(format!("{url}{path}"))).await.assert_problem(404, "file_not_found");
    let ended = eve.send(|client, url| client.delete(format!("{url}{location}")).header("tus-resumable", "1.0.0"));
    ended.await.assert_problem(404, "file_not_found");
    assert_eq!(eve.head_upload(&location).await.status, 404);
    eve.patch_upload(&location, 0, "0123456789", &[]).await.assert_problem(404, "file_not_found");
    assert_eq!(eve.get("/v1/files").await.json()["total"], 0);
    assert_eq!(ada.get("/v1/files").await.json()["total"], 2);
}

#[tokio::test]
async fn a_revoked_session_uploads_no_more() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let location = ada.create_upload(10, "").await.ok().headers["location"].to_str().unwrap().to_owned();
    ada.call("sessions/revoke_all", &json!({})).await.ok();
    ada.patch_upload(&location, 0, "0123456789", &[]).await.assert_problem(401, "invalid_token");
}
