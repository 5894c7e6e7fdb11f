//! Services that want to be asked over TLS, and to know by whom.

use std::{path::Path, sync::Arc};

use chrono::{Datelike, TimeDelta};
use portreeve_backends::Clock;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::orders;
use crate::support::TestApp;

/// A certificate authority, and what it signed, in a folder.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate");
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).expect("a file");
        Self { folder, issuer: Issuer::new(params, key) }
    }

    pub(super) fn sign(&self, name: &str) {
        self.sign_within(name, -TimeDelta::days(1), TimeDelta::days(365));
    }

    /// Valid from and until so long from now.
    pub(super) fn sign_within(&self, name: &str, from: TimeDelta, until: TimeDelta) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("names");
        let day = |after: TimeDelta| {
            let day = (Clock::System.now() + after).date_naive();
            rcgen::date_time_ymd(day.year(), u8::try_from(day.month()).expect("a month"), u8::try_from(day.day()).expect("a day"))
        };
        (params.not_before, params.not_after) = (day(from), day(until));
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        std::fs::write(self.path(&format!("{name}.pem")), certificate.pem()).expect("a file");
        std::fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).expect("a file");
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    pub(super) fn certificate(&self, name: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(Path::new(&self.path(&format!("{name}.pem")))).expect("a certificate")
    }
}

/// Answers `over TLS` to whoever shows a certificate of the authority, as `name`.
async fn service(authority: &Authority, name: &str) -> u16 {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate("ca")).expect("a root");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().expect("a verifier");
    let key = PrivateKeyDer::from_pem_file(Path::new(&authority.path(&format!("{name}.key")))).expect("a key");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![authority.certificate(name)], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nover TLS").await;
                let _ = stream.shutdown().await;
            });
        }
    });
    port
}

async fn behind(port: u16, more: &str) -> TestApp {
    TestApp::start_on(&[], &orders(&[&format!("https://localhost:{port}")], &format!("access = 'public'\nretries = 2\n{more}"))).await
}

#[tokio::test]
async fn both_ends_show_who_they_are() {
    let authority = Authority::new();
    authority.sign("localhost");
    authority.sign("gateway");
    let port = service(&authority, "localhost").await;
    let ca = format!("ca_file = {:?}\n", authority.path("ca.pem"));
    let own =
        format!("client_certificate_file = {:?}\nclient_key_file = {:?}", authority.path("gateway.pem"), authority.path("gateway.key"));
    assert_eq!(behind(port, &format!("{ca}{own}")).await.get("/orders").await.ok().text, "over TLS");

    // Without a certificate of its own the service does not let Portreeve in.
    let refused = behind(port, &ca).await.get("/orders").await;
    assert_eq!(refused.status, 502, "{}", refused.text);
    // Nor does Portreeve talk to one whose certificate the system does not trust,
    let stranger = Authority::new();
    let other = format!("ca_file = {:?}\n{own}", stranger.path("ca.pem"));
    behind(port, &other).await.get("/orders").await.assert_problem(502, "upstream_unreachable");
    // or is another's.
    authority.sign("elsewhere.example");
    let port = service(&authority, "elsewhere.example").await;
    behind(port, &format!("{ca}{own}")).await.get("/orders").await.assert_problem(502, "upstream_unreachable");
}
