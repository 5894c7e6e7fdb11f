//! Connections to services, which are used again as long as both ends leave them clean.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use super::{behind, connect};
use crate::support::Service;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Reads on to the end of a request's head; `false` if there is none.
async fn next(stream: &mut TcpStream) -> bool {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if !stream.read(&mut byte).await.is_ok_and(|read| read == 1) {
            return false;
        }
        head.push(byte[0]);
    }
    true
}

/// One that counts its connections, since it is asked for more on each.
async fn patient() -> Service {
    Service::raw(|mut stream| Box::pin(async move { while stream.write_all(OK).await.is_ok() && next(&mut stream).await {} })).await
}

#[tokio::test]
async fn one_is_used_again_and_again() {
    let service = patient().await;
    let app = behind(&[&service.url()], "access = 'public'").await;
    for _ in 0..20 {
        assert_eq!(app.get("/orders").await.ok().text, "ok");
    }
    assert_eq!(service.asked(), 1);
}

#[tokio::test]
async fn one_that_the_service_closed_meanwhile_costs_nobody_a_request() {
    // It answers once on each, and closes without having said so.
    let service = Service::saying(OK).await;
    let app = behind(&[&service.url()], "access = 'public'\nfailures = 1").await;
    for _ in 0..20 {
        let answer = app.send(|client, url| client.post(format!("{url}/orders"))).await;
        assert_eq!(answer.ok().text, "ok");
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(service.asked(), 20);
}

#[tokio::test]
async fn one_whose_answer_nobody_read_to_its_end_is_not_used_again() {
    let service = Service::raw(|mut stream| {
        Box::pin(async move {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhalf").await;
            // Until it is closed: whatever else came on it would be somebody else's.
            while next(&mut stream).await {
                let _ = stream.write_all(b"HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n").await;
            }
        })
    })
    .await;
    let app = behind(&[&service.url()], "access = 'public'").await;
    for asked in 1..=3 {
        let mut client = connect(&app).await;
        client.write_all(b"GET /orders HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"half") {
            let mut piece = [0; 1024];
            let read = client.read(&mut piece).await.unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&piece[..read]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        assert_eq!(service.asked(), asked);
        drop(client);
        sleep(Duration::from_millis(100)).await;
    }
}
