//! TLS on the public listener.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    pki_types::{CertificateDer, ServerName},
    version::{TLS12, TLS13},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{connect, raw, status, tls::Authority};
use crate::support::TestApp;

const SOON: Duration = Duration::from_mins(1);

pub(crate) async fn app(authority: &Authority) -> TestApp {
    authority.sign("localhost");
    let file = format!(
        "[public]\nheader_timeout = '2s'\n[tls]\nkind = 'files'\ncertificate_file = {:?}\nkey_file = {:?}\nredirect_from = '127.0.0.1:0'\n",
        authority.path("localhost.pem"),
        authority.path("localhost.key")
    );
    TestApp::start_on(&[("PORTREEVE__PUBLIC_URL", "https://localhost:0")], &file).await
}

async fn speak(
    app: &TestApp,
    authority: &Authority,
    version: &'static SupportedProtocolVersion,
    protocols: &[&str],
) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate("ca")).expect("a root");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).expect("a version");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let name = ServerName::try_from("localhost").expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, connect(app).await).await.expect("TLS")
}

async fn shown(app: &TestApp, authority: &Authority) -> CertificateDer<'static> {
    let stream = speak(app, authority, &TLS13, &[]).await;
    stream.get_ref().1.peer_certificates().expect("a certificate")[0].clone().into_owned()
}

#[tokio::test]
async fn the_newest_protocol_that_both_speak_is_spoken() {
    let authority = Authority::new();
    let app = app(&authority).await;
    for (version, protocols, agreed) in
        [(&TLS13, &["h2", "http/1.1"][..], Some("h2")), (&TLS12, &["http/1.1"], Some("http/1.1")), (&TLS13, &[], None)]
    {
        let stream = speak(&app, &authority, version, protocols).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), agreed.map(str::as_bytes));
    }
    let mut stream = speak(&app, &authority, &TLS13, &["http/1.1"]).await;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(status(&answer) == "200" && answer.to_lowercase().contains("strict-transport-security: max-age="), "{answer}");
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_and_a_broken_one_is_not() {
    let authority = Authority::new();
    let app = app(&authority).await;
    let first = shown(&app, &authority).await;
    assert_eq!(first, authority.certificate("localhost"));
    let path = authority.path("localhost.pem");
    std::fs::write(&path, "-----BEGIN CERTIFICATE-----\nnonsense\n").unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(shown(&app, &authority).await, first, "the one before is shown on");

    authority.sign("localhost");
    let renewed = authority.certificate("localhost");
    let deadline = Instant::now() + SOON;
    while shown(&app, &authority).await != renewed {
        assert!(Instant::now() < deadline, "the new one is never shown");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_ne!(first, renewed);
}

#[tokio::test]
async fn who_never_shakes_hands_is_cut_off() {
    let authority = Authority::new();
    let app = app(&authority).await;
    // What a hello begins with: a record of 512 bytes, of which none come.
    for said in [&b""[..], &[0x16, 3, 1, 2, 0]] {
        let mut stream = connect(&app).await;
        stream.write_all(said).await.unwrap();
        let mut all = Vec::new();
        let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut all)).await.expect("an end");
    }
    let plain = raw(&app, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(!plain.contains("HTTP/1.1 200"), "{plain}");
}

#[tokio::test]
async fn plain_http_is_told_the_way_and_nothing_else() {
    let authority = Authority::new();
    let app = app(&authority).await;
    let port = app.url.rsplit_once(':').unwrap().1;
    let redirect = app.redirect.expect("an address");
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for path in ["/", "/v1/me?x=1", "/health", "//evil.example/x"] {
        let answer = client.post(format!("http://{redirect}{path}")).header("host", "evil.example").body("secret").send().await.unwrap();
        assert_eq!(answer.status(), 308, "{path}");
        assert_eq!(answer.headers()["location"].to_str().unwrap(), format!("https://localhost:{port}{path}"));
        assert!(answer.text().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_doctor_tells_when_the_certificate_ends() {
    let authority = Authority::new();
    let app = app(&authority).await;
    for (from, until, told) in [
        (-30, 335, "ok    certificate, until "),
        (-80, 10, "warn  certificate: it ends on "),
        // A third of its time, as authorities give them that renew every few days.
        (-1, 5, "ok    certificate, until "),
        (-5, 2, "warn  certificate: it ends on "),
        (-90, -1, "BAD   certificate: it ended on "),
        (2, 90, "BAD   certificate: it is not valid yet"),
    ] {
        authority.sign_within("localhost", TimeDelta::days(from), TimeDelta::days(until));
        let mut doctor = app.command(&["doctor", "--config"]);
        let output = doctor.arg(app.data().join("portreeve.toml")).env("PORTREEVE__PUBLIC_URL", "https://localhost:0").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(told), "from {from} until {until} days: {said}");
        assert_eq!(output.status.success(), !told.starts_with("BAD"), "{said}");
    }
}
