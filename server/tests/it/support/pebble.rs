//! Pebble: an authority that gives certificates by ACME, and the DNS that it asks.

use std::{
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use portreeve_testkit::port;
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{TlsConnector, client::TlsStream};

const SOON: Duration = Duration::from_secs(30);

/// It believes that every name leads to this machine, and forgets everything when it ends.
pub(crate) struct Pebble {
    folder: tempfile::TempDir,
    port: u16,
    management: u16,
    /// Where it looks for who answers for a name.
    pub(crate) validates: u16,
    running: Vec<Child>,
}

impl Pebble {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).and_then(|params| params.self_signed(&key));
        std::fs::write(folder.path().join("pebble.pem"), certificate.expect("a certificate").pem()).expect("a file");
        std::fs::write(folder.path().join("pebble.key"), key.serialize_pem()).expect("a file");
        let mut pebble = Self { folder, port: port(), management: port(), validates: port(), running: Vec::new() };
        pebble.restart();
        pebble
    }

    /// With neither its accounts nor its root.
    pub(crate) fn restart(&mut self) {
        self.stop();
        let (dns, of_dns) = (port(), port());
        let off = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""];
        let mut names = Command::new("pebble-challtestsrv");
        names.args(off).args(["-defaultIPv4", "127.0.0.1", "-dns01", &format!("127.0.0.1:{dns}")]);
        self.run(names.args(["-management", &format!("127.0.0.1:{of_dns}")]), of_dns);

        let config = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{}", self.port),
            "managementListenAddress": format!("127.0.0.1:{}", self.management),
            "certificate": self.path("pebble.pem"),
            "privateKey": self.path("pebble.key"),
            "httpPort": 1,
            "tlsPort": self.validates,
        } });
        std::fs::write(self.path("pebble.json"), config.to_string()).expect("a file");
        let mut authority = Command::new("pebble");
        authority.arg("-config").arg(self.path("pebble.json")).args(["-dnsserver", &format!("127.0.0.1:{dns}")]);
        self.run(authority.env("PEBBLE_VA_NOSLEEP", "1"), self.management);
    }

    fn run(&mut self, command: &mut Command, port: u16) {
        let log = std::fs::File::options().create(true).append(true).open(self.path("log")).expect("a log");
        let log = (log.try_clone().expect("a log"), log);
        let child = command.stdin(Stdio::null()).stdout(log.0).stderr(log.1).spawn();
        self.running.push(child.expect("pebble, which `./test rust` installs"));
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(begun.elapsed() < SOON, "it does not listen: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// It is away from here on.
    pub(crate) fn stop(&mut self) {
        for mut child in self.running.drain(..) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).expect("a log")
    }

    /// How many certificates it has given.
    pub(crate) fn given(&self) -> usize {
        self.log().matches("Issued certificate serial").count()
    }

    /// The settings of a server that asks it for these names, and keeps what it gets in `kept`.
    pub(crate) fn settings(&self, names: &[&str], kept: &std::path::Path) -> String {
        format!(
            "[tls]\nkind = 'acme'\ndomains = {names:?}\ndirectory = 'https://localhost:{}/dir'\n\
             contact = 'ada@example.org'\nca_file = '{}'\nfolder = '{}'\nredirect_from = '127.0.0.1:0'\n",
            self.port,
            self.path("pebble.pem").display(),
            kept.display(),
        )
    }

    /// What its certificates lead to.
    pub(crate) async fn root(&self) -> CertificateDer<'static> {
        let own = CertificateDer::from_pem_file(self.path("pebble.pem")).expect("a certificate");
        let mut stream = speak(self.management, "localhost", own, &[]).await.expect("TLS");
        stream.write_all(b"GET /roots/0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.expect("a request");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        CertificateDer::from_pem_slice(&answer).expect("a root")
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        self.stop();
    }
}

/// TLS with whoever listens on that port and shows a certificate of that name and root.
pub(crate) async fn speak(
    port: u16,
    name: &'static str,
    root: CertificateDer<'static>,
    protocols: &[&[u8]],
) -> std::io::Result<TlsStream<tokio::net::TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(root).expect("a root");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let stream = tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).expect("a name"), stream).await
}
