//! What is kept of an authority: the account with it, and the certificate that it gave.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use url::Url;

use super::{super::Shown, Error};

/// The account's key and address.
pub(super) const ACCOUNT: &str = "account.json";
/// The certificate, those that lead to its authority, and its key: in one file, which is never half of one and half of another.
pub(super) const CERTIFICATE: &str = "certificate.pem";
/// The key of a certificate that is being ordered.
pub(super) const NEXT_KEY: &str = "next-key.pem";
const PROBE: &str = ".write-check";

#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    /// One for each authority: a certificate of one that was tried before is none of the one that is asked now.
    pub(super) fn of(folder: &Path, directory: &Url) -> Self {
        let address = directory.as_str().trim_start_matches("https://");
        let name: String = address.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        Self { folder: folder.join(name) }
    }

    /// Makes the folder, for its owner only.
    pub(super) fn prepare(&self) -> Result<(), Error> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
        made.map_err(|source| Error::Folder { path: self.folder.clone(), what: "made", source })?;
        // Told now, rather than when the authority has given a certificate that cannot be kept.
        self.write(PROBE, b"")?;
        self.forget(PROBE);
        Ok(())
    }

    /// The certificate that was given last. One that is no use is told, and counts as none.
    pub(super) fn certificate(&self) -> Result<Option<Shown>, Error> {
        let Some(text) = self.read(CERTIFICATE)? else { return Ok(None) };
        match parse(&text) {
            Ok(shown) => Ok(Some(shown)),
            Err(error) => {
                tracing::warn!(%error, path = %self.path(CERTIFICATE).display(), "the certificate that was kept is no use; another one is ordered");
                Ok(None)
            }
        }
    }

    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match fs::read(self.path(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Folder { path: self.path(name), what: "read", source }),
        }
    }

    /// For its owner's eyes only; whole, or not at all.
    pub(super) fn write(&self, name: &str, text: &[u8]) -> Result<(), Error> {
        let (path, draft) = (self.path(name), self.path(&format!("{name}.tmp")));
        let written = remove(&draft)
            .and_then(|()| OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft))
            .and_then(|mut file| file.write_all(text).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&draft, &path))
            .and_then(|()| File::open(&self.folder)?.sync_all());
        written.map_err(|source| {
            let _ = remove(&draft);
            Error::Folder { path, what: "written", source }
        })
    }

    /// Puts aside what is no use here, for whoever knows better.
    pub(super) fn put_aside(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        fs::rename(&path, self.path(&format!("{name}.put-aside"))).map_err(|source| Error::Folder { path, what: "put aside", source })
    }

    pub(super) fn forget(&self, name: &str) {
        if let Err(error) = remove(&self.path(name)) {
            tracing::warn!(%error, path = %self.path(name).display(), "removing what is of no use any more");
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// A chain and its key in one text.
pub(super) fn parse(text: &[u8]) -> Result<Shown, Box<dyn std::error::Error + Send + Sync>> {
    let chain = CertificateDer::pem_slice_iter(text).collect::<Result<Vec<_>, _>>()?;
    Ok(Shown::of(chain, PrivateKeyDer::from_pem_slice(text)?)?)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_written_is_its_owners_and_what_is_damaged_counts_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let authority = |url: &str| Store::of(folder.path(), &Url::parse(url).unwrap());
        let store = authority("https://acme.example/dir/a");
        assert!(store.certificate().unwrap().is_none(), "nothing was made yet");
        store.prepare().unwrap();
        // What a process that was killed left.
        fs::write(store.path("certificate.pem.tmp"), "half").unwrap();
        store.write(CERTIFICATE, b"damaged").unwrap();
        assert!(store.certificate().unwrap().is_none());
        assert_eq!(store.read(CERTIFICATE).unwrap().unwrap(), b"damaged", "it is left for whoever looks");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&store.folder), mode(&store.path(CERTIFICATE))), (0o700, 0o600));
        assert!(authority("https://acme.example/dir/b").read(CERTIFICATE).unwrap().is_none(), "another authority's");

        fs::create_dir(store.path(ACCOUNT)).unwrap();
        let error = store.write(ACCOUNT, b"{}").unwrap_err().to_string();
        assert!(error.contains("account.json cannot be written"), "{error}");
        assert!(!store.path("account.json.tmp").exists(), "no draft is left");
    }
}
