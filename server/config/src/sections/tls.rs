use std::net::SocketAddr;
use std::path::PathBuf;

use crate::read::{kinds, settings};

kinds! {
    /// TLS on the public listener.
    pub enum PublicTls {
        /// None: on this machine, or behind a proxy that terminates it.
        "off" => NoTls,
        /// With a certificate in files.
        "files" => TlsFiles,
    }
}

settings! {
    /// No TLS: nothing to set.
    pub struct NoTls {}
}

settings! {
    /// A certificate and its key, which may be renewed at any time.
    pub struct TlsFiles {
        /// The certificate, and those that lead to its authority, in PEM.
        certificate_file: PathBuf,
        /// Its key, in PEM.
        key_file: PathBuf,
        /// Where plain HTTP is answered with the way to HTTPS.
        redirect_from: Option<SocketAddr>,
    }
}
