//! `POST /v1/files`.

use serde_json::Value;

use crate::support::TestApp;

#[tokio::test]
async fn a_file_is_accepted_stored_and_read_back() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let answer = ada.post_file("logbook.txt", "text/plain", b"Wind SW 4\n".to_vec(), &[]).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let accepted = answer.json();
    let id = accepted["file"]["id"].as_str().unwrap().to_owned();
    assert_eq!(accepted["message"], "File uploaded and event sent");
    assert_eq!(accepted["file_key"], format!("uploads/{id}.txt"));
    assert_eq!(answer.headers["location"], format!("/v1/files/{id}"));

    let stored = ada.stored_file(&id).await;
    assert_eq!((&stored["name"], &stored["size"], &stored["media_type"]), (&"logbook.txt".into(), &10.into(), &"text/plain".into()));
    assert_eq!(stored["sha256"], "8e75657504ccd24673d896b7ad9ea3a5b0747526343feea094c844f72ffe176a");
    let content = ada.get(&format!("/v1/files/{id}/content")).await.ok();
    assert_eq!(content.text, "Wind SW 4\n");
    assert_eq!(content.headers["content-security-policy"], "sandbox; frame-ancestors 'self'");
    let list: Value = ada.get("/v1/files").await.ok().json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_name_comes_by_a_header_or_by_the_address() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for (address, header, expected) in [
        ("tide.txt", None, "tide.txt"),
        ("", Some("attachment; filename=chart.txt"), "chart.txt"),
        ("tide.txt", Some("attachment; filename=plain.txt; filename*=UTF-8''caf%C3%A9.txt"), "caf\u{e9}.txt"),
        ("tide.txt", Some("attachment"), "tide.txt"),
    ] {
        let headers: Vec<_> = header.map(|header| ("content-disposition", header)).into_iter().collect();
        let accepted = ada.post_file(address, "text/plain", "low water", &headers).await.ok().json();
        assert_eq!(accepted["file"]["name"], expected, "{address} {header:?}");
    }
}

#[tokio::test]
async fn a_large_file_takes_the_same_way() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    let id = ada.post_file("big.bin", "application/octet-stream", bytes.clone(), &[]).await.ok().json()["file"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let stored = ada.stored_file(&id).await;
    assert_eq!(stored["size"], 5_000_000);
}
