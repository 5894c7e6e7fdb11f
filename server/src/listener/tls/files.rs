//! A certificate in two files, which somebody may renew at any time.

use std::{
    fs::{self, Metadata},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use parking_lot::RwLock;
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::{Shown, Unfit, Validity};

/// How often the files are looked at. Asking a file system for changes would miss those on some, as when a folder is mounted anew.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Why a certificate in files cannot be shown.
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
    #[error("{}: {source}", path.display())]
    Unfit {
        /// The certificate's file.
        path: PathBuf,
        /// Why it is no use.
        source: Unfit,
    },
}

#[derive(Debug)]
pub(super) struct Files {
    /// The chain, and its key.
    paths: (PathBuf, PathBuf),
    shown: RwLock<Shown>,
}

impl Files {
    pub(super) fn open(certificate: &Path, key: &Path) -> Result<Self, Error> {
        Ok(Self { shown: RwLock::new(read(certificate, key)?), paths: (certificate.to_owned(), key.to_owned()) })
    }

    /// Shows what the files hold from when they change, and what they held before as long as that is no use.
    pub(super) async fn follow(&self) {
        let mut seen = self.changed_at();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = self.changed_at();
            if now == seen {
                continue;
            }
            seen = now;
            match read(&self.paths.0, &self.paths.1) {
                Ok(renewed) => {
                    tracing::info!(certificate = %self.paths.0.display(), until = %renewed.validity.until, "the certificate was renewed");
                    *self.shown.write() = renewed;
                }
                // Often because only one of the two files is new yet.
                Err(error) => tracing::warn!(%error, "the certificate changed and is no use; the one before is shown on"),
            }
        }
    }

    pub(super) fn validity(&self) -> Validity {
        self.shown.read().validity
    }

    pub(super) fn resolve(&self) -> Arc<CertifiedKey> {
        self.shown.read().key.clone()
    }

    /// Only ever compared with itself.
    fn changed_at(&self) -> [Option<(i64, i64, u64)>; 2] {
        // When who may read them changed counts, too.
        let stamp = |metadata: Metadata| (metadata.ctime(), metadata.ctime_nsec(), metadata.len());
        let stamp = |path: &Path| fs::metadata(path).ok().map(stamp);
        [stamp(&self.paths.0), stamp(&self.paths.1)]
    }
}

pub(super) fn read(certificate: &Path, key: &Path) -> Result<Shown, Error> {
    let failed = |path: &Path, what| {
        let path = path.to_owned();
        move |source| Error::Read { path, what, source }
    };
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(failed(certificate, "a certificate in PEM"))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(failed(key, "a key in PEM"))?;
    Shown::of(chain, key).map_err(|source| Error::Unfit { path: certificate.to_owned(), source })
}
