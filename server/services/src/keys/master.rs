//! The key that everything secret at rest hangs on: a file that only its owner can read.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use portreeve_backends::Random;
use zeroize::Zeroizing;

/// 256 bits.
pub struct MasterKey(pub(crate) Zeroizing<[u8; 32]>);

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// Cannot be read or made.
    #[error("the master key {} cannot be {what}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Not 32 bytes in base64.
    #[error("the master key {} must hold 32 bytes in base64, as `openssl rand -base64 32` makes them", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
    },
    /// Others could read it.
    #[error("the master key {} can be read by others (mode {mode:o}). Run `chmod 600` on it", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
}

impl MasterKey {
    /// Reads the key, or makes one if there is no file. A key is never overwritten.
    pub fn load_or_create(path: &Path, random: &Random) -> Result<Self, MasterKeyError> {
        match Self::load(path) {
            Err(MasterKeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => Self::create(path, random),
            loaded => loaded,
        }
    }

    /// Reads the key.
    pub fn load(path: &Path) -> Result<Self, MasterKeyError> {
        let failed = |source| MasterKeyError::File { path: path.to_owned(), what: "read", source };
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::Exposed { path: path.to_owned(), mode });
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
        let bytes = BASE64_STANDARD.decode(text.trim()).ok().map(Zeroizing::new);
        let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        key.map(|key| Self(Zeroizing::new(key))).ok_or_else(|| MasterKeyError::Malformed { path: path.to_owned() })
    }

    /// A secret for one purpose, the same wherever the master key is; it tells nothing of the key.
    pub fn secret_for(&self, purpose: &str) -> [u8; 32] {
        let mut secret = [0; 32];
        secret.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice()), purpose.as_bytes()).as_ref());
        secret
    }

    fn create(path: &Path, random: &Random) -> Result<Self, MasterKeyError> {
        let failed = |source| MasterKeyError::File { path: path.to_owned(), what: "made", source };
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(random.bytes());
        let text = Zeroizing::new(format!("{}\n", BASE64_STANDARD.encode(*key)));
        // Written beside and linked into place: neither a crash nor a second process leaves half a key or replaces one.
        let draft = path.with_extension(format!("{}.tmp", std::process::id()));
        let written = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::hard_link(&draft, path));
        let _ = fs::remove_file(&draft);
        match written {
            Ok(()) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
                Ok(Self(key))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::load(path),
            Err(error) => Err(failed(error)),
        }
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey")
    }
}
