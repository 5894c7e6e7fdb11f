//! WebSockets through the gateway.

use std::time::Duration;

use chrono::TimeDelta;
use futures::{SinkExt, StreamExt};
use http::HeaderValue;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        handshake::server::{Request, Response},
    },
};

use super::behind;
use crate::{
    gateway,
    support::{Service, TestApp},
};

/// Says first who it heard is calling, then whatever it is told.
async fn echoing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut greeting = String::new();
                #[expect(clippy::result_large_err, reason = "as the library has it")]
                let note = |request: &Request, response: Response| {
                    let header =
                        |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("nobody").to_owned();
                    greeting = format!("{} {}", header("authorization"), header("x-forwarded-for"));
                    Ok(response)
                };
                let Ok(mut socket) = tokio_tungstenite::accept_hdr_async(stream, note).await else { return };
                let _ = socket.send(Message::text(greeting)).await;
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_text() || message.is_binary() {
                        let _ = socket.send(message).await;
                    }
                }
            });
        }
    });
    url
}

async fn connect(app: &TestApp, token: Option<&str>) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Error> {
    let mut request = format!("{}/orders/live", app.url.replace("http://", "ws://")).into_client_request().expect("a request");
    if let Some(token) = token {
        request.headers_mut().insert("authorization", HeaderValue::try_from(format!("Bearer {token}")).unwrap());
    }
    Ok(tokio_tungstenite::connect_async(request).await?.0)
}

#[tokio::test]
async fn messages_pass_both_ways() {
    let app = behind(&[&echoing().await], "").await;
    let ada = app.person("ada").await;
    let mut socket = connect(&app, Some(&ada.access_token())).await.expect("a WebSocket");
    let greeting = socket.next().await.unwrap().unwrap().into_text().unwrap();
    assert!(greeting.starts_with("Bearer ey") && greeting.ends_with(" 127.0.0.1") && !greeting.contains(&ada.access_token()), "{greeting}");
    let large = vec![7; 3 << 20];
    for message in [Message::text("tide"), Message::binary(large)] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    socket.close(None).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
}

#[tokio::test]
async fn nobody_gets_one_unknown() {
    let app = behind(&[&echoing().await], "").await;
    match connect(&app, None).await {
        Err(Error::Http(answer)) => assert_eq!(answer.status(), 401),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_that_nobody_uses_is_closed() {
    let app = behind(&[&echoing().await], "access = 'public'\nidle_timeout = '1s'").await;
    let mut socket = connect(&app, None).await.expect("a WebSocket");
    assert_eq!(socket.next().await.unwrap().unwrap().into_text().unwrap(), "nobody 127.0.0.1");
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        socket.send(Message::text("still here")).await.unwrap();
        assert!(socket.next().await.unwrap().unwrap().is_text());
    }
    ended(&mut socket).await;
}

#[tokio::test]
async fn one_ends_with_the_session_or_the_key_that_opened_it() {
    let app = behind(&[&echoing().await], "").await;
    let ada = app.person("ada").await;
    let new = json!({ "name": "crane", "scopes": ["upstreams:call"] });
    let made = ada.send(|client, url| client.post(format!("{url}/v1/api-keys")).json(&new)).await.json();
    let (id, key) = (made["api_key"]["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let mut by_key = connect(&app, Some(key)).await.expect("a WebSocket");
    let mut by_session = connect(&app, Some(&ada.access_token())).await.expect("a WebSocket");
    for socket in [&mut by_key, &mut by_session] {
        assert!(socket.next().await.unwrap().unwrap().is_text());
    }
    // Its token is over by then, its session is not.
    app.advance(TimeDelta::minutes(20));
    tokio::time::sleep(Duration::from_millis(2500)).await;
    for socket in [&mut by_key, &mut by_session] {
        socket.send(Message::text("still here")).await.unwrap();
        assert!(socket.next().await.unwrap().unwrap().is_text());
    }

    ada.refresh().await.ok();
    assert_eq!(ada.send(|client, url| client.delete(format!("{url}/v1/api-keys/{id}"))).await.status, 204);
    ended(&mut by_key).await;
    by_session.send(Message::text("still here")).await.unwrap();
    assert!(by_session.next().await.unwrap().unwrap().is_text());
    ada.call("auth/sign_out", &json!({})).await.ok();
    ended(&mut by_session).await;
}

#[tokio::test]
async fn one_that_a_key_opened_ends_when_its_owner_is_made_a_member() {
    let app = behind(&[&echoing().await], "").await;
    let (root, ada) = (app.admin("root").await, app.person("ada").await);
    let ada_id = ada.id().await;
    root.changes(&ada_id, json!({ "role": "admin" })).await.ok();
    let new = json!({ "name": "crane", "scopes": ["upstreams:call"] });
    let made = ada.send(|client, url| client.post(format!("{url}/v1/api-keys")).json(&new)).await.json();
    let mut socket = connect(&app, made["key"].as_str()).await.expect("a WebSocket");
    assert!(socket.next().await.unwrap().unwrap().is_text());
    root.changes(&ada_id, json!({ "role": "member" })).await.ok();
    ended(&mut socket).await;
}

/// One end may be done talking and go on listening, as slowly as it likes.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_has_said_all_still_hears_all() {
    const BYTES: usize = 16 << 20;
    let (told, mut lengths) = tokio::sync::mpsc::channel(1);
    let service = Service::raw(move |mut stream| {
        let told = told.clone();
        Box::pin(async move {
            stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n").await.unwrap();
            stream.shutdown().await.unwrap();
            // Until no buffer on the way takes any more.
            tokio::time::sleep(Duration::from_secs(1)).await;
            let mut all = Vec::new();
            stream.read_to_end(&mut all).await.unwrap();
            told.send(all.len()).await.unwrap();
        })
    })
    .await;
    let app = behind(&[&service.url()], "access = 'public'").await;
    let mut client = gateway::connect(&app).await;
    client.write_all(b"GET /orders HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n").await.unwrap();
    let mut head = String::new();
    client.read_to_string(&mut head).await.expect("the service's end");
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    client.write_all(&vec![7; BYTES]).await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(lengths.recv().await, Some(BYTES));
}

async fn ended(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) {
    let end = tokio::time::timeout(Duration::from_secs(10), socket.next()).await.expect("an end");
    assert!(!matches!(end, Some(Ok(Message::Text(_)))), "{end:?}");
}
