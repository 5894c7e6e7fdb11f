//! Showing the authority that a name is ours (tls-alpn-01, RFC 8737).

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::{crypto::aws_lc_rs, pki_types::PrivateKeyDer, server::ClientHello, sign::CertifiedKey};

use super::super::ACME_TLS;

/// The certificates to be shown to who validates, by the name that they are for.
#[derive(Debug, Default)]
pub(super) struct Challenges(RwLock<HashMap<String, Arc<CertifiedKey>>>);

/// Why one cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("the answer to the authority's challenge: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("the key of the answer to the authority's challenge: {0}")]
    Key(#[from] rustls::Error),
}

/// Whoever validates offers this protocol and no other (RFC 8737 §3); a browser that offered it among others would be served as ever.
pub(super) fn is_asked(hello: &ClientHello<'_>) -> bool {
    hello.alpn().is_some_and(|offered| offered.eq([ACME_TLS]))
}

impl Challenges {
    pub(super) fn answer(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        self.0.read().get(&name.to_ascii_lowercase()).cloned()
    }

    /// Shows that whoever answers for `name` knows the account's key, of which `digest` speaks.
    pub(super) fn expect(&self, name: &str, digest: &[u8]) -> Result<(), Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let certificate = params.self_signed(&key)?;
        let key = aws_lc_rs::default_provider().key_provider.load_private_key(PrivateKeyDer::Pkcs8(key.serialize_der().into()))?;
        let shown = CertifiedKey::new(vec![certificate.der().clone()], key);
        self.0.write().insert(name.to_ascii_lowercase(), Arc::new(shown));
        Ok(())
    }

    pub(super) fn forget(&self) {
        self.0.write().clear();
    }
}
