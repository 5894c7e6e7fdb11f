//! A certificate that an authority gives by itself.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{
    TestApp,
    pebble::{Pebble, speak},
};

/// Machines that run tests may be busy.
const SOON: Duration = Duration::from_mins(1);
const NAME: &str = "quay.example.org";
const WWW: &str = "www.quay.example.org";

async fn app(pebble: &Pebble, names: &[&str], kept: &Path) -> TestApp {
    let listen = format!("127.0.0.1:{}", pebble.validates);
    let options = [("PORTREEVE__PUBLIC_URL", "https://quay.example.org"), ("PORTREEVE__PUBLIC__LISTEN", &listen)];
    TestApp::start_on(&options, &pebble.settings(names, kept)).await
}

/// What is shown under that name, if it leads to the authority's root.
async fn shown(pebble: &Pebble, name: &'static str, root: &CertificateDer<'static>) -> Option<CertificateDer<'static>> {
    let stream = speak(pebble.validates, name, root.clone(), &[]).await.ok()?;
    Some(stream.get_ref().1.peer_certificates()?[0].clone().into_owned())
}

/// Waits for one that is not `before`.
async fn given(
    pebble: &Pebble,
    name: &'static str,
    root: &CertificateDer<'static>,
    before: Option<&CertificateDer<'static>>,
) -> CertificateDer<'static> {
    let deadline = Instant::now() + SOON;
    loop {
        match shown(pebble, name, root).await {
            Some(certificate) if Some(&certificate) != before => return certificate,
            _ => assert!(Instant::now() < deadline, "none is shown"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until the port is free again.
async fn stopped(pebble: &Pebble, app: TestApp) {
    drop(app);
    let deadline = Instant::now() + SOON;
    while std::net::TcpListener::bind(("127.0.0.1", pebble.validates)).is_err() {
        assert!(Instant::now() < deadline, "it does not stop");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn the_authority_gives_a_certificate_that_the_next_start_shows_without_it() {
    let (mut pebble, kept) = (Pebble::start(), tempfile::tempdir().unwrap());
    let root = pebble.root().await;
    let first = app(&pebble, &[NAME, WWW], kept.path()).await;
    let certificate = given(&pebble, NAME, &root, None).await;
    assert_eq!(shown(&pebble, WWW, &root).await, Some(certificate.clone()), "one for both");
    assert_eq!(shown(&pebble, "elsewhere.example.org", &root).await, None);
    let mut stream = speak(pebble.validates, NAME, root.clone(), &[b"acme-tls/1", b"http/1.1"]).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: quay.example.org\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(speak(pebble.validates, NAME, root.clone(), &[b"acme-tls/1"]).await.is_err(), "nobody has anything to validate");

    let files = files_below(kept.path());
    let names: Vec<_> = files.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert!(names.contains(&"account.json") && names.contains(&"certificate.pem") && names.len() == 2, "{names:?}");
    for file in files {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }

    stopped(&pebble, first).await;
    assert_eq!(pebble.given(), 1);
    let second = app(&pebble, &[NAME, WWW], kept.path()).await;
    assert_eq!(shown(&pebble, NAME, &root).await, Some(certificate.clone()), "at once");
    stopped(&pebble, second).await;
    assert_eq!(pebble.given(), 1, "nothing was ordered");

    pebble.stop();
    let third = app(&pebble, &[NAME, WWW], kept.path()).await;
    assert_eq!(shown(&pebble, NAME, &root).await, Some(certificate));
    drop(third);
}

#[tokio::test]
async fn it_is_renewed_before_its_end_and_shown_on_meanwhile() {
    let (mut pebble, kept) = (Pebble::start(), tempfile::tempdir().unwrap());
    let root = pebble.root().await;
    let app = app(&pebble, &[NAME], kept.path()).await;
    let first = given(&pebble, NAME, &root, None).await;
    let answer = app.send(|client, _| client.get(format!("{}/metrics", app.internal_url))).await.ok();
    let name = "portreeve_certificate_expiration_timestamp_seconds ";
    let end: i64 = answer.text.lines().find_map(|line| line.strip_prefix(name)).expect("a metric").parse().unwrap();

    // A third of five years is left, less a day.
    app.advance(TimeDelta::seconds(end - app.now().timestamp()) - TimeDelta::days(5 * 365 / 3 - 1));
    let second = given(&pebble, NAME, &root, Some(&first)).await;
    assert_eq!(pebble.given(), 2);

    // By that clock the new one is due as well: the authority is not asked again and again.
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert_eq!(pebble.given(), 2);
    pebble.stop();
    assert_eq!(shown(&pebble, NAME, &root).await, Some(second));
}

#[tokio::test]
async fn other_names_get_another_certificate_also_where_the_account_is_gone() {
    let (mut pebble, kept) = (Pebble::start(), tempfile::tempdir().unwrap());
    let before = app(&pebble, &[NAME], kept.path()).await;
    given(&pebble, NAME, &pebble.root().await, None).await;
    stopped(&pebble, before).await;
    pebble.restart();
    let root = pebble.root().await;
    let _after = app(&pebble, &[NAME, WWW], kept.path()).await;
    given(&pebble, WWW, &root, None).await;
    let kept = files_below(kept.path());
    assert!(kept.iter().any(|path| path.ends_with("account.json.put-aside")), "nothing is lost: {kept:?}");
}

#[tokio::test]
async fn without_the_authority_all_but_tls_is_served() {
    let (mut pebble, kept) = (Pebble::start(), tempfile::tempdir().unwrap());
    let root = pebble.root().await;
    pebble.stop();
    let app = app(&pebble, &[NAME], kept.path()).await;
    let error = speak(pebble.validates, NAME, root, &[]).await.expect_err("no TLS").to_string();
    assert!(error.contains("alert"), "a clear no: {error}");
    app.send(|client, _| client.get(format!("{}/health/ready", app.internal_url))).await.ok();
    let answer = app.send(|client, _| client.get(format!("http://{}/x", app.redirect.unwrap()))).await;
    assert_eq!((answer.status.as_u16(), &answer.headers["location"]), (308, &"https://quay.example.org/x".parse().unwrap()));
    let doctor = app
        .command(&["doctor"])
        .arg("--config")
        .arg(app.data().join("portreeve.toml"))
        .env("PORTREEVE__PUBLIC_URL", "https://quay.example.org")
        .output()
        .unwrap();
    let told = String::from_utf8(doctor.stdout).unwrap();
    assert!(told.contains("note  certificate: none yet; `serve` orders it"), "{told}");
}
