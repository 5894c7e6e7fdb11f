//! Clients that take their time, and those that only pretend to be slow: what moves goes on, what does not is cut off.

use std::time::{Duration, Instant};

use axum::{Router, body::Body, response::Response, routing::any};
use futures::{SinkExt, StreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

use super::{connect, orders, status};
use crate::support::{Service, TestApp};

/// Machines that run tests may be busy.
const SOON: Duration = Duration::from_mins(1);

async fn patient_for_seconds(service: &Service) -> TestApp {
    let file = "[public]\nheader_timeout = '5s'\nbody_timeout = '1s'\nwrite_timeout = '1s'\nwrite_rate = '16 MiB'\nidle_timeout = '1s'\n";
    TestApp::start_on(&[], &format!("{file}{}", orders(&[&service.url()], "access = 'public'"))).await
}

/// Whether the other end closes within a minute, and what it said before.
async fn closes(stream: &mut TcpStream) -> Option<String> {
    let mut all = Vec::new();
    tokio::time::timeout(SOON, stream.read_to_end(&mut all)).await.ok().map(|_| String::from_utf8_lossy(&all).into_owned())
}

#[tokio::test]
async fn who_says_nothing_or_half_is_cut_off() {
    let service = Service::echo().await;
    let app = patient_for_seconds(&service).await;
    for said in ["", "GET / HT", "GET /health HTTP/1.1\r\nHost: x\r\nX-", "PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = connect(&app).await;
        stream.write_all(said.as_bytes()).await.unwrap();
        assert!(closes(&mut stream).await.is_some(), "{said:?} is waited for");
    }
}

#[tokio::test]
async fn a_body_that_stops_or_trickles_is_answered_in_its_place() {
    let service = Service::echo().await;
    let app = patient_for_seconds(&service).await;
    for path in ["/v1/auth/sign-in", "/orders"] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n");
        let mut stops = connect(&app).await;
        stops.write_all(format!("{head}half").as_bytes()).await.unwrap();
        let answer = closes(&mut stops).await.expect("an end");
        assert!(status(&answer) == "408" && answer.contains("body_incomplete"), "{path}: {answer}");

        // A byte is never long in coming, and all of them would take minutes.
        let (mut reads, mut writes) = connect(&app).await.into_split();
        writes.write_all(head.as_bytes()).await.unwrap();
        let trickle = tokio::spawn(async move {
            while writes.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
        let mut answer = [0; 12];
        tokio::time::timeout(SOON, reads.read_exact(&mut answer)).await.expect("an end").expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 408", "{path}");
        trickle.abort();
    }
}

#[tokio::test]
async fn an_upload_that_moves_may_take_long() {
    let service = Service::echo().await;
    let file = "[public]\nbody_timeout = '4s'\nidle_timeout = '1s'\nwrite_timeout = '1s'\n";
    let app = TestApp::start_on(&[], &format!("{file}{}", orders(&[&service.url()], "access = 'public'"))).await;
    let pieces = stream::iter(0..12).then(async |_| {
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok::<_, std::io::Error>(vec![b'x'; 16 << 10])
    });
    let answer = app.send(|client, url| client.post(format!("{url}/orders")).body(reqwest::Body::wrap_stream(pieces))).await.ok();
    assert_eq!(answer.json()["length"], 12 << 14);
}

/// Sends without end, and says when it cannot any more.
async fn endless() -> (Service, tokio::sync::mpsc::UnboundedReceiver<()>) {
    let (ended, ends) = tokio::sync::mpsc::unbounded_channel();
    let service = Service::raw(move |mut stream| {
        let ended = ended.clone();
        Box::pin(async move {
            let chunk = vec![b'x'; 64 << 10];
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
            while stream.write_all(&chunk).await.is_ok() {}
            let _ = ended.send(());
        })
    })
    .await;
    (service, ends)
}

#[tokio::test]
async fn who_does_not_read_is_cut_off() {
    let (service, mut ends) = endless().await;
    let app = patient_for_seconds(&service).await;
    let mut stream = connect(&app).await;
    stream.write_all(b"GET /orders HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    tokio::time::timeout(SOON, ends.recv()).await.expect("the service is let go").unwrap();
    // Nothing of it is kept for whoever comes back to read.
    let mut all = Vec::new();
    let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut all)).await.expect("an end");
}

#[tokio::test]
async fn who_holds_the_window_of_http_2_shut_is_cut_off() {
    let (service, mut ends) = endless().await;
    let app = patient_for_seconds(&service).await;
    let stream = hyper_util::rt::TokioIo::new(connect(&app).await);
    let (mut client, connection) = hyper::client::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new())
        .initial_stream_window_size(1000)
        .initial_connection_window_size(1 << 20)
        .handshake::<_, http_body_util::Empty<bytes::Bytes>>(stream)
        .await
        .expect("HTTP/2");
    let connection = tokio::spawn(connection);
    let request = http::Request::get(format!("{}/orders", app.url)).body(http_body_util::Empty::new()).unwrap();
    let answer = client.send_request(request).await.expect("a head");
    // The connection lives and answers pings; only this answer is not read.
    tokio::time::timeout(SOON, ends.recv()).await.expect("the service is let go").unwrap();
    tokio::time::timeout(SOON, connection).await.expect("the connection is cut").unwrap().ok();
    drop(answer);
}

#[tokio::test]
async fn who_reads_slowly_may_take_long() {
    let service = Service::serve(Router::new().fallback(any(|| async { Response::new(Body::from(vec![b'x'; 24 << 20])) }))).await;
    let file = "[public]\nwrite_timeout = '4s'\nidle_timeout = '1s'\n";
    let app = TestApp::start_on(&[], &format!("{file}{}", orders(&[&service.url()], "access = 'public'"))).await;
    let mut answer = reqwest::get(format!("{}/orders", app.url)).await.expect("a head");
    let (mut read, begun) = (0, Instant::now());
    while let Some(chunk) = answer.chunk().await.expect("a chunk") {
        read += chunk.len();
        // Two megabytes a second, then all that is left.
        if begun.elapsed() < Duration::from_secs(8) {
            tokio::time::sleep(Duration::from_millis(chunk.len() as u64 / 2000)).await;
        }
    }
    assert_eq!(read, 24 << 20);
}

#[tokio::test]
async fn a_stream_of_events_and_a_socket_may_be_silent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
                while let Some(Ok(message)) = socket.next().await {
                    let _ = socket.send(message).await;
                }
            });
        }
    });
    let file = "[public]\nheader_timeout = '5s'\nbody_timeout = '1s'\nwrite_timeout = '1s'\nidle_timeout = '1s'\n";
    let app = TestApp::start_on(&[], &format!("{file}{}", orders(&[&target], "access = 'public'"))).await;
    let ada = app.person("ada").await;
    let events = reqwest::Client::new().get(format!("{}/v1/files/events", app.url)).bearer_auth(ada.access_token());
    let mut events = events.send().await.expect("a stream").error_for_status().expect("a stream");
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("{}/orders", app.url.replace("http", "ws"))).await.expect("a socket");

    tokio::time::sleep(Duration::from_secs(5)).await;
    socket.send(Message::text("tide")).await.expect("still open");
    assert_eq!(socket.next().await.expect("still open").expect("an echo"), Message::text("tide"));
    ada.post_file("tide.txt", "text/plain", "high at noon", &[]).await.ok();
    tokio::time::timeout(SOON, async {
        let mut told = String::new();
        while !told.contains("data:") {
            told += &String::from_utf8_lossy(&events.chunk().await.expect("still open").expect("still open"));
        }
    })
    .await
    .expect("an event");
}
