//! Clients and services that do what they should not.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{behind, connect, raw, status};
use crate::support::{Service, TestApp, service::header};

#[tokio::test]
async fn a_path_that_goes_up_reaches_nobody() {
    let service = Service::echo().await;
    let app = behind(&[&service.url()], "access = 'public'\nstrip_prefix = true").await;
    for path in [
        "/orders/../v1/me",
        "/orders/%2e%2e/v1/me",
        "/orders/.%2E/x",
        "/orders/..%2fx",
        "/orders/..%5Cx",
        "/orders/%252e%252e/x",
        "/orders/x%00",
        "/orders/..;/x",
    ] {
        let answer = raw(&app, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
        assert!(status(&answer) == "400" && answer.contains("path_refused"), "{path}: {answer}");
    }
    for (path, expected) in
        [("/ORDERS/x", "404"), ("/%6frders/x", "404"), ("//orders/x", "400"), ("/orders%2fx", "400"), ("/x/../orders", "400")]
    {
        let answer = raw(&app, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(status(&answer), expected, "{path}: {answer}");
    }
    assert_eq!(service.asked(), 0);
}

#[tokio::test]
async fn neither_a_tunnel_nor_a_mirror_passes() {
    let service = Service::echo().await;
    let file = format!(
        "[[gateway.upstream]]\nname = 'shop'\npath = '/'\nhost = 'shop.example.org'\naccess = 'public'\ntargets = ['{}']",
        service.url()
    );
    let app = TestApp::start_on(&[], &file).await;
    for line in ["TRACE / HTTP/1.1", "CONNECT shop.example.org:443 HTTP/1.1"] {
        let answer = raw(&app, &format!("{line}\r\nHost: shop.example.org\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(status(&answer), "405", "{line}: {answer}");
    }
    assert_eq!(service.asked(), 0);
}

#[tokio::test]
async fn two_hosts_are_none() {
    let service = Service::echo().await;
    let app = behind(&[&service.url()], "access = 'public'").await;
    for hosts in ["Host: a\r\nHost: b", "Host: a\r\nhost: a", "Host: a b", "Host: user@a"] {
        let answer = raw(&app, &format!("GET /orders HTTP/1.1\r\n{hosts}\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(status(&answer), "400", "{hosts}: {answer}");
    }
    assert_eq!(service.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_all_before_they_listen_hears_why_it_was_refused() {
    let app = TestApp::start().await;
    let body = vec![b'x'; 8 << 20];
    for _ in 0..20 {
        let mut stream = connect(&app).await;
        let head = format!("POST /v1/files?name=a.txt HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.expect("the head is taken");
        stream.write_all(&body).await.expect("the body is taken");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(status(&answer) == "401" && answer.contains("token_missing"), "{answer}");
    }
}

#[tokio::test]
async fn a_service_that_hangs_or_talks_rubbish_is_told_as_such() {
    let app = async |service: &Service| behind(&[&service.url()], "access = 'public'\ntimeout = '300ms'\nretries = 0").await;
    let hangs = Service::raw(|stream| {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_mins(1)).await;
            drop(stream);
        })
    })
    .await;
    let (behind_hanging, begun) = (app(&hangs).await, Instant::now());
    behind_hanging.get("/orders").await.assert_problem(504, "upstream_timeout");
    assert!(begun.elapsed() < Duration::from_secs(5));
    let said: [&[u8]; 6] = [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
    ];
    for said in said {
        let service = Service::saying(said).await;
        let app = app(&service).await;
        app.get("/orders").await.assert_problem(502, "upstream_failed");
    }
}

#[tokio::test]
async fn half_an_answer_is_not_taken_for_a_whole_one() {
    for said in
        [&b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"[..], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"]
    {
        let service = Service::saying(said).await;
        let app = behind(&[&service.url()], "access = 'public'\nretries = 0").await;
        let answer = reqwest::get(format!("{}/orders", app.url)).await.expect("a head");
        assert_eq!(answer.status(), 200);
        answer.bytes().await.expect_err("the connection is cut where the service's was");
    }
}

#[tokio::test]
async fn a_body_without_end_is_passed_on_without_being_kept() {
    const CHUNK: usize = 1 << 20;
    // 10 GiB.
    const COUNT: usize = 10 << 10;
    let endless = Service::raw(|mut stream| {
        Box::pin(async move {
            let chunk = vec![b'x'; CHUNK];
            let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", CHUNK * COUNT).as_bytes()).await;
            for _ in 0..COUNT {
                if stream.write_all(&chunk).await.is_err() {
                    return;
                }
            }
        })
    })
    .await;
    let app = behind(&[&endless.url()], "access = 'public'").await;
    let mut answer = reqwest::get(format!("{}/orders", app.url)).await.expect("a head");
    let (before, mut read, mut most) = (resident(), 0, 0);
    while let Some(chunk) = answer.chunk().await.expect("a chunk") {
        read += chunk.len();
        most = most.max(resident());
    }
    assert_eq!(read, CHUNK * COUNT);
    assert!(most.saturating_sub(before) < 256 << 20, "{before} bytes became {most}");
}

/// Bytes of memory that this process occupies.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("statm");
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("pages") * 4096
}

#[tokio::test]
async fn a_slow_service_costs_nobody_else() {
    let drips = Service::raw(|mut stream| {
        Box::pin(async move {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n").await;
            for _ in 0..60 {
                if stream.write_all(b"x").await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        })
    })
    .await;
    let app = behind(&[&drips.url()], "access = 'public'\nidle_timeout = '5s'").await;
    let waiting: Vec<_> = (0..200).map(|_| tokio::spawn(reqwest::get(format!("{}/orders", app.url)))).collect();
    let mut heads = Vec::new();
    for answer in waiting {
        heads.push(answer.await.expect("a task").expect("a head"));
    }
    let begun = Instant::now();
    for _ in 0..20 {
        app.get("/health").await.ok();
    }
    // Who waited for it would wait a minute.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let mut first = heads.swap_remove(0);
    assert_eq!(first.chunk().await.expect("a byte").expect("a byte").len(), 1);
}

#[tokio::test]
async fn a_client_that_stops_sending_is_not_the_services_fault() {
    let service = Service::echo().await;
    let app = behind(&[&service.url()], "access = 'public'\ntimeout = '300ms'\nfailures = 1").await;
    let answer = raw(&app, "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf").await;
    assert!(status(&answer) == "408" && answer.contains("body_incomplete"), "{answer}");
    let seen = app.get("/orders/7").await.ok().json();
    assert_eq!(header(&seen, "x-forwarded-for"), ["127.0.0.1"]);
}
