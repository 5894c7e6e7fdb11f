//! What comes compressed, and what never does.

use std::io::Read;

use reqwest::header::HeaderMap;
use serde_json::json;

use crate::{
    gateway::orders,
    support::{PASSWORD, Person, Service, TestApp},
};

const ANY: &str = "zstd, br, gzip, deflate";

async fn ask(app: &TestApp, method: &str, path: &str, accept: Option<&str>, token: Option<&str>) -> (HeaderMap, Vec<u8>) {
    let mut request = reqwest::Client::new().request(method.parse().unwrap(), format!("{}{path}", app.url));
    if let Some(accept) = accept {
        request = request.header("accept-encoding", accept);
    }
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.expect("an answer");
    assert!(answer.status().is_success(), "{method} {path}: {}", answer.status());
    (answer.headers().clone(), answer.bytes().await.expect("a body").to_vec())
}

fn coding(headers: &HeaderMap) -> Option<&str> {
    headers.get("content-encoding").map(|coding| coding.to_str().unwrap())
}

fn decoded(coding: Option<&str>, bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    match coding {
        Some("zstd") => return zstd::decode_all(bytes).expect("zstd"),
        Some("br") => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut whole).expect("brotli"),
        Some("gzip") => flate2::read::GzDecoder::new(bytes).read_to_end(&mut whole).expect("gzip"),
        Some(other) => panic!("{other}"),
        None => return bytes.to_vec(),
    };
    whole
}

#[tokio::test]
async fn a_large_answer_comes_as_the_client_likes_it_best() {
    let app = TestApp::start().await;
    let path = "/v1/openapi.json";
    let (headers, plain) = ask(&app, "GET", path, None, None).await;
    assert_eq!((coding(&headers), headers["content-length"].to_str().unwrap()), (None, plain.len().to_string().as_str()));
    for (accept, expected) in [
        (ANY, "zstd"),
        ("gzip, br", "br"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("zstd;q=0.5, br;q=0.9, gzip;q=0.8", "br"),
        ("zstd;q=0, br;q=0.000, gzip;q=0.001", "gzip"),
        ("identity;q=0.5, gzip", "gzip"),
    ] {
        let (headers, body) = ask(&app, "GET", path, Some(accept), None).await;
        assert_eq!(coding(&headers), Some(expected), "{accept}");
        assert!(body.len() < plain.len() / 5 && decoded(coding(&headers), &body) == plain, "{accept}: {} of {}", body.len(), plain.len());
        let (of_head, nothing) = ask(&app, "HEAD", path, Some(accept), None).await;
        assert_eq!((coding(&of_head), nothing.len()), (Some(expected), 0), "{accept}");
        for headers in [headers, of_head] {
            assert_eq!(headers["content-type"], "application/json");
            assert!(!headers.contains_key("content-length") && !headers.contains_key("etag"), "{headers:?}");
        }
    }
    for accept in [None, Some(""), Some("identity"), Some("deflate"), Some("gzip;q=0"), Some("br;q=7"), Some("nonsense;;,")] {
        let (headers, body) = ask(&app, "GET", path, accept, None).await;
        assert!(coding(&headers).is_none() && body == plain, "{accept:?}: {headers:?}");
        let varies = headers.get_all("vary").iter().any(|on| on.to_str().unwrap().eq_ignore_ascii_case("accept-encoding"));
        assert!(varies, "{accept:?}: a cache must know: {headers:?}");
    }
}

async fn upload(ada: &Person<'_>, count: usize) {
    for number in 0..count {
        ada.post_file(&format!("a bale of hemp {number}.txt"), "text/plain", "hemp ".repeat(1000), &[]).await.ok();
    }
}

#[tokio::test]
async fn a_page_of_a_list_is_compressed_and_what_is_small_is_not() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let token = ada.access_token();
    let (headers, _) = ask(&app, "GET", "/v1/files", Some(ANY), Some(&token)).await;
    assert_eq!(coding(&headers), None, "nothing is in it yet");
    upload(&ada, 10).await;
    let (headers, body) = ask(&app, "GET", "/v1/files?limit=5", Some(ANY), Some(&token)).await;
    assert_eq!(coding(&headers), Some("zstd"));
    assert!(headers.contains_key("link") && headers["cache-control"] == "private, no-cache", "{headers:?}");
    let list: serde_json::Value = serde_json::from_slice(&decoded(Some("zstd"), &body)).unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 5);
    let (headers, _) = ask(&app, "GET", "/v1/me", Some(ANY), Some(&token)).await;
    assert!(coding(&headers).is_none() && headers.contains_key("content-length") && headers.contains_key("etag"));
}

#[tokio::test]
async fn secrets_bytes_of_files_pages_and_what_others_answer_are_left_as_they_are() {
    let service = Service::echo().await;
    let app = TestApp::start_on(&[], &orders(&[&service.url()], "access = 'public'")).await;
    let ada = app.person("ada").await;
    upload(&ada, 1).await;
    let file = ada.get("/v1/files").await.ok().json()["items"][0]["id"].as_str().unwrap().to_owned();
    ada.stored_file(&file).await;
    let long = "long ".repeat(400);
    let with = |request: reqwest::RequestBuilder| request.header("accept-encoding", ANY);
    let sign_in = json!({ "email": "ada@example.org", "password": PASSWORD });
    let key = json!({ "name": "crane", "scopes": ["files:read", "files:write", "account:read", "account:write"] });
    let answers = [
        app.send(|client, url| with(client.post(format!("{url}/v1/auth/sign-in")).json(&sign_in))).await.ok(),
        ada.send(|client, url| with(client.post(format!("{url}/v1/api-keys")).json(&key))).await.ok(),
        ada.send(|client, url| with(client.post(format!("{url}/v1/files/{file}/links")).json(&json!({})))).await.ok(),
        ada.send(|client, url| with(client.post(format!("{url}/v1/files/{file}/shares")).json(&json!({})))).await.ok(),
        ada.send(|client, url| with(client.get(format!("{url}/v1/files/{file}/shares")))).await.ok(),
        ada.send(|client, url| with(client.get(format!("{url}/v1/files/{file}/content")))).await.ok(),
        ada.send(|client, url| with(client.get(format!("{url}/v1/files/{file}/content"))).header("range", "bytes=0-2000")).await.ok(),
        app.send(|client, url| with(client.get(format!("{url}/sign-in")))).await.ok(),
        app.send(|client, url| with(client.get(format!("{url}/orders?q={long}")))).await.ok(),
        ada.send(|client, url| with(client.get(format!("{url}/v1/files?sort={long}")))).await,
    ];
    for answer in answers {
        assert!(!answer.headers.contains_key("content-encoding"), "{answer:?}");
    }
}
