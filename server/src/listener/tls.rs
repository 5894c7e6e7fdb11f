//! TLS: the certificate that the public listener shows.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use parking_lot::RwLock;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at. Asking a file system for changes would miss those on some, as when a folder is mounted anew.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Why a certificate cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file.
    #[error("{} cannot be read as {what}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What should be in it.
        what: &'static str,
        /// Why not.
        source: rustls::pki_types::pem::Error,
    },
    /// What is in it.
    #[error("{} holds no certificate that can be read", .0.display())]
    NoCertificate(PathBuf),
    /// Both together.
    #[error("the certificate and its key do not fit together: {0}")]
    Unfit(#[from] rustls::Error),
}

/// One in two files, which somebody may renew at any time.
#[derive(Debug)]
pub struct Certificate {
    /// The chain, and its key.
    files: (PathBuf, PathBuf),
    shown: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error`], also for a key of another certificate.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, Error> {
        let shown = RwLock::new(Arc::new(read(certificate, key)?));
        Ok(Self { files: (certificate.to_owned(), key.to_owned()), shown })
    }

    /// Shows what the files hold from when they change, and what they held before as long as that is no use.
    pub async fn follow(&self) {
        let mut seen = self.changed_at();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = self.changed_at();
            if now == seen {
                continue;
            }
            seen = now;
            match read(&self.files.0, &self.files.1) {
                Ok(renewed) => {
                    *self.shown.write() = Arc::new(renewed);
                    tracing::info!(certificate = %self.files.0.display(), "the certificate was renewed");
                }
                // Often because only one of the two files is new yet.
                Err(error) => tracing::warn!(%error, "the certificate changed and is no use; the one before is shown on"),
            }
        }
    }

    /// Only ever compared with itself.
    fn changed_at(&self) -> [Option<(SystemTime, u64)>; 2] {
        let stamp = |path: &Path| fs::metadata(path).and_then(|metadata| Ok((metadata.modified()?, metadata.len()))).ok();
        [stamp(&self.files.0), stamp(&self.files.1)]
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown.read().clone())
    }
}

fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, Error> {
    let failed = |path: &Path, what| {
        let path = path.to_owned();
        move |source| Error::Read { path, what, source }
    };
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(failed(certificate, "a certificate in PEM"))?;
    if chain.is_empty() {
        return Err(Error::NoCertificate(certificate.to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(failed(key, "a key in PEM"))?;
    Ok(CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())?)
}

/// What speaks TLS 1.2 and 1.3, and HTTP/2 before HTTP/1.1, with whichever certificate `shown` has at the time.
///
/// # Panics
/// Never: the provider has suites for both versions.
pub fn acceptor(shown: Arc<dyn ResolvesServerCert>) -> TlsAcceptor {
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_protocol_versions(&[&TLS13, &TLS12]);
    let mut config = builder.expect("suites for both versions").with_no_client_auth().with_cert_resolver(shown);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
