//! TLS: the certificate that the public listener shows.

mod acme;
mod files;
mod shown;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use portreeve_backends::Clock;
use portreeve_config::{Config, PublicTls};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use tokio_rustls::TlsAcceptor;

use self::{acme::Acme, files::Files, shown::Shown};
pub use self::{
    acme::{Error as AcmeError, TrustError},
    files::Error as FilesError,
    shown::Unfit,
};

/// Spoken by who validates that a name is ours, and by nobody else (RFC 8737 §6.2).
pub(super) const ACME_TLS: &[u8] = b"acme-tls/1";

/// Why a certificate cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One in files.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// One that an authority gives.
    #[error(transparent)]
    Acme(#[from] AcmeError),
}

/// From when until when a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Its `notBefore`.
    pub from: DateTime<Utc>,
    /// Its `notAfter`.
    pub until: DateTime<Utc>,
}

/// What the public listener shows of itself, which is renewed while it is served.
#[derive(Debug)]
pub struct Certificate(Kind);

#[derive(Debug)]
enum Kind {
    Files(Files),
    Acme(Box<Acme>),
}

impl Certificate {
    /// The configured one, if any; one of an authority may still have to be ordered.
    ///
    /// # Errors
    /// [`Error`], also for a key of another certificate.
    pub fn open(config: &Config, clock: &Clock) -> Result<Option<Self>, Error> {
        Ok(match &config.tls {
            PublicTls::NoTls(_) => None,
            PublicTls::TlsFiles(files) => Some(Self(Kind::Files(Files::open(&files.certificate_file, &files.key_file)?))),
            PublicTls::TlsAcme(settings) => {
                Some(Self(Kind::Acme(Box::new(Acme::open(settings, &config.data_path(&settings.folder), clock.clone())?))))
            }
        })
    }

    /// Until when the configured one is valid, with nothing made or ordered. `None` for one that is still to be ordered, and without TLS.
    ///
    /// # Errors
    /// [`Error`].
    pub fn inspect(config: &Config) -> Result<Option<Validity>, Error> {
        Ok(match &config.tls {
            PublicTls::NoTls(_) => None,
            PublicTls::TlsFiles(files) => Some(files::read(&files.certificate_file, &files.key_file)?.validity),
            PublicTls::TlsAcme(settings) => acme::inspect(settings, &config.data_path(&settings.folder))?,
        })
    }

    /// Keeps it fresh, and does not return.
    pub async fn follow(&self) {
        match &self.0 {
            Kind::Files(files) => files.follow().await,
            Kind::Acme(acme) => acme.follow().await,
        }
    }

    /// Of what is shown now, if anything is.
    pub fn validity(&self) -> Option<Validity> {
        match &self.0 {
            Kind::Files(files) => Some(files.validity()),
            Kind::Acme(acme) => acme.validity(),
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match &self.0 {
            Kind::Files(files) => Some(files.resolve()),
            Kind::Acme(acme) => acme.resolve(&hello),
        }
    }
}

/// What speaks TLS 1.2 and 1.3, and HTTP/2 before HTTP/1.1, with whichever certificate `shown` has at the time.
///
/// # Panics
/// Never: the provider has suites for both versions.
pub fn acceptor(shown: Arc<Certificate>) -> TlsAcceptor {
    let mut protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    if matches!(shown.0, Kind::Acme(_)) {
        protocols.push(ACME_TLS.to_vec());
    }
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_protocol_versions(&[&TLS13, &TLS12]);
    let mut config = builder.expect("suites for both versions").with_no_client_auth().with_cert_resolver(shown);
    config.alpn_protocols = protocols;
    TlsAcceptor::from(Arc::new(config))
}
