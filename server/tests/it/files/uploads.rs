//! tus 1.0.0 at `/v1/uploads`.

use std::time::Duration;

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta};
use http::Method;

use crate::support::TestApp;

#[tokio::test]
async fn an_upload_in_parts_is_resumed_and_stored() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 253) as u8).collect();
    let upload = ada.create_upload(bytes.len(), "filename bG9nLmJpbg==").await;
    assert_eq!(upload.status, 201, "{}", upload.text);
    let location = upload.headers["location"].to_str().unwrap().to_owned();
    let first = ada.patch_upload(&location, 0, bytes[..100_000].to_vec(), &[]).await;
    assert_eq!((first.status.as_u16(), &first.headers["upload-offset"]), (204, &"100000".parse().unwrap()));
    ada.patch_upload(&location, 50_000, bytes[50_000..].to_vec(), &[]).await.assert_problem(409, "wrong_offset");
    let head = ada.head_upload(&location).await;
    assert_eq!((&head.headers["upload-offset"], &head.headers["upload-length"]), (&"100000".parse().unwrap(), &"300000".parse().unwrap()));
    let last = ada.patch_upload(&location, 100_000, bytes[100_000..].to_vec(), &[]).await;
    assert_eq!(last.status, 204, "{}", last.text);
    let id = location.rsplit('/').next().unwrap();
    let stored = ada.stored_file(id).await;
    assert_eq!((&stored["name"], &stored["size"]), (&"log.bin".into(), &300_000.into()));
    assert_eq!(ada.head_upload(&location).await.headers["upload-offset"], "300000");
}

#[tokio::test]
async fn a_file_or_a_part_of_it_may_come_with_its_creation() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let create = async |body: &'static str| {
        let created = ada.send(|client, url| {
            client
                .post(format!("{url}/v1/uploads"))
                .header("tus-resumable", "1.0.0")
                .header("upload-length", 8)
                .header("content-type", "application/offset+octet-stream")
                .body(body)
        });
        let created = created.await.ok();
        assert_eq!((created.status.as_u16(), &created.headers["upload-offset"]), (201, &body.len().to_string().parse().unwrap()));
        created.headers["location"].to_str().unwrap().to_owned()
    };
    for sent in ["harbours", "harb"] {
        let location = create(sent).await;
        let id = location.rsplit('/').next().unwrap();
        if sent.len() < 8 {
            assert_eq!(ada.get(&format!("/v1/files/{id}")).await.ok().json()["status"], "receiving");
            ada.patch_upload(&location, 4, "ours", &[]).await.ok();
        }
        ada.stored_file(id).await;
        assert_eq!(ada.get(&format!("/v1/files/{id}/content")).await.ok().text, "harbours");
        assert_eq!(ada.head_upload(&location).await.headers["upload-offset"], "8");
    }
}

#[tokio::test]
async fn an_upload_that_was_begun_on_one_node_goes_on_at_another() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 239) as u8).collect();
    let location = ada.create_upload(bytes.len(), "").await.ok().headers["location"].to_str().unwrap().to_owned();
    // A part that ends within a block of the hash, and before the kind of file is known.
    ada.patch_upload(&location, 0, bytes[..77].to_vec(), &[]).await.ok();
    let node = app.beside().await;
    let there = ada.at(&node);
    assert_eq!(there.head_upload(&location).await.ok().headers["upload-offset"], "77");
    there.patch_upload(&location, 77, bytes[77..200_001].to_vec(), &[]).await.ok();
    ada.patch_upload(&location, 200_001, bytes[200_001..].to_vec(), &[]).await.ok();
    let id = location.rsplit('/').next().unwrap();
    let stored = ada.stored_file(id).await;
    let expected = digest::digest(&digest::SHA256, &bytes).as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert_eq!(stored["sha256"], expected);
}

/// After a line broke, a client is back before the end of its last request is noticed. Nothing that came is sent twice, nor refused.
#[tokio::test]
async fn who_asks_how_far_an_upload_is_goes_on_from_there() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let bytes: Bytes = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    let location = ada.create_upload(bytes.len(), "").await.ok().headers["location"].to_str().unwrap().to_owned();
    let checksum = format!("sha256 {}", BASE64_STANDARD.encode(digest::digest(&digest::SHA256, &bytes)));
    let eve = app.person("eve").await;
    let mut settled = 0;
    // A part whose checksum is promised counts as a whole or not at all.
    for (headers, counts) in [(&[("upload-checksum", &*checksum)][..], false), (&[][..], true)] {
        let (mut sender, body) = futures::channel::mpsc::channel::<Result<Bytes, std::io::Error>>(1);
        let answered = std::cell::Cell::new(false);
        let sends = async {
            let answer = ada.patch_upload(&location, 0, reqwest::Body::wrap_stream(body), headers).await;
            answered.set(true);
            answer
        };
        let asks = async {
            futures::SinkExt::send(&mut sender, Ok(bytes.slice(..100_000))).await.unwrap();
            // Until it came. No more does, and the line stays.
            tokio::time::sleep(Duration::from_millis(500)).await;
            // Nobody but its owner is told, or stops anything.
            assert_eq!(eve.head_upload(&location).await.status, 404);
            assert!(!answered.get());
            // Once is enough, unless the machine is so slow that not even the head of the part was here.
            loop {
                let asked = ada.head_upload(&location).await.ok();
                tokio::time::sleep(Duration::from_millis(100)).await;
                if answered.get() {
                    return asked.headers["upload-offset"].to_str().unwrap().parse::<usize>().unwrap();
                }
            }
        };
        let (answer, told) = tokio::join!(sends, asks);
        answer.assert_problem(409, "taken_over");
        assert_eq!(told > 0, counts, "{told} bytes are here");
        settled = told;
    }
    ada.patch_upload(&location, settled as u64, bytes.slice(settled..), &[]).await.ok();
    ada.stored_file(location.rsplit('/').next().unwrap()).await;
}

#[tokio::test]
async fn what_is_offered_is_what_there_is() {
    let app = TestApp::start_with(&[("PORTREEVE__FILES__MAX_SIZE", "3 MiB")]).await;
    let ada = app.person("ada").await;
    let offered = app.send(|client, url| client.request(Method::OPTIONS, format!("{url}/v1/uploads"))).await;
    assert_eq!(offered.status, 204, "{}", offered.text);
    let said = |name: &str| offered.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!((&*said("tus-version"), &*said("tus-max-size")), ("1.0.0", "3145728"));
    assert_eq!(said("tus-extension"), "creation,creation-with-upload,expiration,checksum,termination");
    assert_eq!(said("tus-checksum-algorithm"), "sha1,sha256");
    ada.create_upload((3 << 20) + 1, "").await.assert_problem(413, "file_too_large");

    let created = ada.create_upload(3 << 20, "").await.ok();
    let location = created.headers["location"].to_str().unwrap().to_owned();
    let ends = app.now() + TimeDelta::hours(24);
    let expires = |headers: &http::HeaderMap| DateTime::parse_from_rfc2822(headers["upload-expires"].to_str().unwrap()).unwrap().to_utc();
    assert!((expires(&created.headers) - ends).abs() < TimeDelta::seconds(1), "{:?}", created.headers);
    app.advance(TimeDelta::minutes(1));
    let part = ada.patch_upload(&location, 0, "harbour", &[]).await.ok();
    assert!(expires(&part.headers) >= ends && expires(&ada.head_upload(&location).await.headers) >= ends);
    // Terminated, by a client that can send nothing but POST.
    let ended = ada.send(|client, url| {
        client.post(format!("{url}{location}")).header("tus-resumable", "1.0.0").header("x-http-method-override", "DELETE")
    });
    assert_eq!(ended.await.status, 204);
    assert_eq!(ada.head_upload(&location).await.status, 404);
}

#[tokio::test]
async fn what_comes_slowly_is_kept_by_the_sweep_until_it_counts() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let bytes: Vec<u8> = (0..12_000_000_u32).map(|n| (n % 241) as u8).collect();
    let location = ada.create_upload(bytes.len(), "").await.ok().headers["location"].to_str().unwrap().to_owned();
    ada.patch_upload(&location, 0, bytes[..1_000_000].to_vec(), &[]).await.ok();
    // Nothing of a part with a checksum counts before its end.
    let checksum = format!("sha256 {}", BASE64_STANDARD.encode(digest::digest(&digest::SHA256, &bytes[1_000_000..])));
    let (mut sender, body) = futures::channel::mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let all = Bytes::from(bytes.clone());
    let slowly = async {
        futures::SinkExt::send(&mut sender, Ok(all.slice(1_000_000..10_000_000))).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        app.advance(TimeDelta::hours(2));
        app.services.housekeep().await.unwrap();
        futures::SinkExt::send(&mut sender, Ok(all.slice(10_000_000..))).await.unwrap();
        drop(sender);
    };
    let headers = [("upload-checksum", &*checksum)];
    let (answer, ()) = tokio::join!(ada.patch_upload(&location, 1_000_000, reqwest::Body::wrap_stream(body), &headers), slowly);
    assert_eq!(answer.status, 204, "{}", answer.text);
    ada.refresh().await.ok();
    let id = location.rsplit('/').next().unwrap();
    assert_eq!(ada.stored_file(id).await["size"], 12_000_000);
}

/// The sweep of what expired, and the last bytes, at the same moment: each upload is either given up or accepted and stored, never both.
#[tokio::test]
async fn an_upload_that_is_finished_in_the_moment_it_expires_is_kept() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let (mut accepted, mut given_up) = (0, 0);
    for round in 0.. {
        // As often as it takes until some came before the sweep and some after.
        if round >= 3 && accepted > 0 && given_up > 0 {
            break;
        }
        assert!(round < 20, "no race: {accepted} accepted, {given_up} given up");
        let mut locations = Vec::new();
        for _ in 0..30 {
            let location = ada.create_upload(6, "").await.ok().headers["location"].to_str().unwrap().to_owned();
            ada.patch_upload(&location, 0, "qua", &[]).await.ok();
            locations.push(location);
        }
        app.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
        ada.refresh().await.ok();
        let last = futures::future::join_all(locations.iter().map(|location| ada.patch_upload(location, 3, "lms", &[])));
        let asked = futures::future::join_all(locations.iter().map(|location| ada.head_upload(location)));
        let (answers, heads, swept) = tokio::join!(last, asked, app.services.housekeep());
        swept.unwrap();
        for ((location, answer), head) in locations.iter().zip(answers).zip(heads) {
            // Nobody is told that all of it is here unless it stays.
            assert!(answer.status == 204 || head.headers.get("upload-offset").is_none_or(|offset| offset != "6"), "{location}");
            let id = location.rsplit('/').next().unwrap();
            // The S3 server of the tests cannot write into a folder that is just removed; whoever is told to try again does.
            let answer = if answer.status == 503 { ada.patch_upload(location, 3, "lms", &[]).await } else { answer };
            if answer.status == 204 {
                assert_eq!(ada.stored_file(id).await["size"], 6);
                accepted += 1;
            } else {
                answer.assert_problem(404, "file_not_found");
                ada.get(&format!("/v1/files/{id}")).await.assert_problem(404, "file_not_found");
                given_up += 1;
            }
        }
    }
}
