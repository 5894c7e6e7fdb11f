//! Answers that go on for long: feeds of events, large downloads.

use std::{convert::Infallible, time::Duration};

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use chrono::TimeDelta;
use futures::{Stream, StreamExt, stream};
use serde_json::json;
use tokio::time::timeout;

use super::behind;
use crate::support::{Service, TestApp};

/// A service that tells of the tide for ever.
async fn telling() -> Service {
    let feed = || {
        stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b"tide\n")), ()))
        })
    };
    Service::serve(Router::new().route("/orders/feed", get(async move || Body::from_stream(feed())))).await
}

async fn listen(app: &TestApp, token: Option<&str>) -> impl Stream<Item = reqwest::Result<Bytes>> + Unpin + use<> {
    let request = reqwest::Client::new().get(format!("{}/orders/feed", app.url));
    let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
    request.send().await.unwrap().error_for_status().unwrap().bytes_stream().boxed()
}

/// Within the two seconds that it may take, and some more: half of an answer, which is told from a whole one.
async fn is_cut_off(feed: &mut (impl Stream<Item = reqwest::Result<Bytes>> + Unpin)) {
    let last = timeout(Duration::from_secs(5), async {
        loop {
            match feed.next().await {
                Some(Ok(_)) => {}
                other => return other,
            }
        }
    });
    assert!(matches!(last.await.expect("an end"), Some(Err(_))));
}

async fn goes_on(feed: &mut (impl Stream<Item = reqwest::Result<Bytes>> + Unpin)) {
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < Duration::from_millis(2500) {
        assert_eq!(&timeout(Duration::from_secs(2), feed.next()).await.expect("more").expect("more").unwrap()[..4], b"tide");
    }
}

#[tokio::test]
async fn one_ends_with_the_session_or_the_key_that_asked_for_it() {
    let service = telling().await;
    let app = behind(&[&service.url()], "").await;
    let ada = app.person("ada").await;
    let new = json!({ "name": "crane", "scopes": ["upstreams:call"] });
    let made = ada.send(|client, url| client.post(format!("{url}/v1/api-keys")).json(&new)).await.json();
    let (id, key) = (made["api_key"]["id"].as_str().unwrap(), made["key"].as_str());
    let (mut by_key, mut by_session) = (listen(&app, key).await, listen(&app, Some(&ada.access_token())).await);
    // Its token is over by then, its session is not.
    app.advance(TimeDelta::minutes(20));
    tokio::join!(goes_on(&mut by_key), goes_on(&mut by_session));

    ada.refresh().await.ok();
    assert_eq!(ada.send(|client, url| client.delete(format!("{url}/v1/api-keys/{id}"))).await.status, 204);
    tokio::join!(is_cut_off(&mut by_key), goes_on(&mut by_session));
    ada.call("auth/sign_out", &json!({})).await.ok();
    is_cut_off(&mut by_session).await;
}

#[tokio::test]
async fn one_that_everybody_gets_goes_on() {
    let service = telling().await;
    let app = behind(&[&service.url()], "access = 'public'").await;
    let mut feed = listen(&app, None).await;
    goes_on(&mut feed).await;
}
