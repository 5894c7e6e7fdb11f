//! Bodies that are not what was announced, and what happens while one is being sent.

use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt, channel::mpsc};
use reqwest::Body;
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::support::{Answer, Person, TestApp};

/// A body that comes as it is told to.
fn slow() -> (mpsc::Sender<Result<Bytes, std::io::Error>>, Body) {
    let (sender, body) = mpsc::channel(1);
    (sender, Body::wrap_stream(body))
}

fn location(created: &Answer) -> String {
    created.headers["location"].to_str().unwrap().to_owned()
}

/// Sends the head of a request and less than it announces, and hangs up.
async fn cut_off(app: &TestApp, person: &Person<'_>, head: &str, announced: usize, sent: usize) {
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    let token = person.access_token();
    let head = format!("{head} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-length: {announced}\r\n");
    let tus = "tus-resumable: 1.0.0\r\nupload-offset: 0\r\ncontent-type: application/offset+octet-stream\r\n\r\n";
    stream.write_all(format!("{head}{tus}").as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; sent]).await.unwrap();
    stream.flush().await.unwrap();
}

#[tokio::test]
async fn a_body_that_ends_before_its_announced_length_is_never_accepted() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for (announced, sent) in [(100, 50), (3 << 20, 2 << 20), (1 << 20, 0)] {
        cut_off(&app, &ada, "POST /v1/files?name=a", announced, sent).await;
    }
    // Of a part, what came counts, and no more.
    let location = location(&ada.create_upload(100, "").await.ok());
    cut_off(&app, &ada, &format!("PATCH {location}"), 100, 60).await;
    let mut offset = String::new();
    for _ in 0..100 {
        offset = ada.head_upload(&location).await.ok().headers["upload-offset"].to_str().unwrap().to_owned();
        if offset == "60" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(offset, "60");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let list = ada.get("/v1/files").await.ok().json();
    assert!(list["items"].as_array().unwrap().iter().all(|file| file["status"] == "receiving"), "{list}");
}

#[tokio::test]
async fn of_two_writers_of_one_upload_the_later_goes_on_and_the_file_is_right() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let whole: Vec<u8> = (0..600_000_u32).map(|n| (n % 239) as u8).collect();
    let location = location(&ada.create_upload(whole.len(), "").await.ok());
    let (mut sender, body) = slow();
    let later = async {
        sender.send(Ok(Bytes::from(vec![b'!'; 400_000]))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let answer = ada.patch_upload(&location, 0, whole.clone(), &[]).await;
        let _ = sender.send(Ok(Bytes::from(vec![b'!'; 200_000]))).await;
        drop(sender);
        answer
    };
    let (earlier, later) = tokio::join!(ada.patch_upload(&location, 0, body, &[]), later);
    assert_eq!(later.status, 204, "{}", later.text);
    earlier.assert_problem(409, "taken_over");
    // And many at once: one of them is the one that counts.
    let other = location_of(&ada, whole.len()).await;
    let answers = futures::future::join_all((0..6).map(|_| ada.patch_upload(&other, 0, whole.clone(), &[]))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1);
    assert!(answers.iter().all(|answer| [204, 409].contains(&answer.status.as_u16())));
    for location in [location, other] {
        let id = location.rsplit('/').next().unwrap();
        ada.stored_file(id).await;
        let content = ada.get(&format!("/v1/files/{id}/content")).await.ok();
        assert!(content.text.as_bytes() == String::from_utf8_lossy(&whole).as_bytes());
    }
}

async fn location_of(person: &Person<'_>, size: usize) -> String {
    location(&person.create_upload(size, "").await.ok())
}

#[tokio::test]
async fn what_is_small_on_the_way_and_huge_when_unpacked_stays_small() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for length in ["1000000000000000", "9223372036854775807"] {
        let created = ada
            .send(|client, url| client.post(format!("{url}/v1/uploads")).header("tus-resumable", "1.0.0").header("upload-length", length));
        created.await.assert_problem(413, "file_too_large");
    }
    for length in ["18446744073709551616", "-1", "1e9", ""] {
        let created = ada
            .send(|client, url| client.post(format!("{url}/v1/uploads")).header("tus-resumable", "1.0.0").header("upload-length", length));
        let created = created.await;
        assert_eq!(created.status, 400, "{length}: {}", created.text);
    }
    // Nobody unpacks what comes: it is kept, and given back, as it was sent.
    let packed = b"\x1f\x8b\x08\0\0\0\0\0\0\x03not really".to_vec();
    let sent = ada.post_file("bomb.gz", "application/gzip", packed.clone(), &[("content-encoding", "gzip")]).await.ok().json();
    let stored = ada.stored_file(sent["file"]["id"].as_str().unwrap()).await;
    assert_eq!((&stored["size"], &stored["media_type"]), (&packed.len().into(), &"application/gzip".into()));
}

#[tokio::test]
async fn a_session_that_is_ended_half_way_ends_its_upload_too() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let location = location(&ada.create_upload(600_000, "").await.ok());
    let (mut sender, body) = slow();
    let revoked = async {
        sender.send(Ok(Bytes::from(vec![b'x'; 400_000]))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        ada.call("sessions/revoke_all", &json!({})).await.ok();
        let _ = sender.send(Ok(Bytes::from(vec![b'x'; 200_000]))).await;
        drop(sender);
    };
    let (answer, ()) = tokio::join!(ada.patch_upload(&location, 0, body, &[]), revoked);
    assert_eq!(answer.status, 401, "{}", answer.text);
    // It can be gone on with by whoever signs in again.
    let again = app.sign_in("ada").await;
    assert_eq!(again.head_upload(&location).await.ok().headers["upload-offset"], "0");
    again.patch_upload(&location, 0, vec![b'x'; 600_000], &[]).await.ok();
    again.stored_file(location.rsplit('/').next().unwrap()).await;
}

#[tokio::test]
async fn a_session_that_is_ended_half_way_ends_a_small_file_too() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let (mut sender, body) = slow();
    let revoked = async {
        sender.send(Ok(Bytes::from_static(b"first"))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1200)).await;
        ada.call("sessions/revoke_all", &json!({})).await.ok();
        let _ = sender.send(Ok(Bytes::from_static(b"second"))).await;
        drop(sender);
    };
    let (answer, ()) = tokio::join!(ada.post_file("a.txt", "text/plain", body, &[]), revoked);
    answer.assert_problem(401, "session_over");
    assert_eq!(app.sign_in("ada").await.get("/v1/files").await.json()["total"], 0);
}

#[tokio::test]
async fn a_token_that_expires_half_way_is_renewed_and_the_upload_goes_on() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let location = location(&ada.create_upload(600_000, "").await.ok());
    ada.patch_upload(&location, 0, vec![b'x'; 400_000], &[]).await.ok();
    app.advance(chrono::TimeDelta::minutes(6));
    ada.patch_upload(&location, 400_000, vec![b'x'; 200_000], &[]).await.assert_problem(401, "invalid_token");
    ada.refresh().await.ok();
    ada.patch_upload(&location, 400_000, vec![b'x'; 200_000], &[]).await.ok();
    ada.stored_file(location.rsplit('/').next().unwrap()).await;
}
