//! How a target is reached: with TLS as the operator says.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use portreeve_config::Upstream as Settings;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, InvalidDnsNameError, PrivateKeyDer, ServerName, pem::PemObject},
};
use url::Url;

/// Opens connections to one target.
pub(super) type Connector = HttpsConnector<HttpConnector>;

/// Certificates that are no use.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file.
    #[error("{} holds no {what} in PEM that can be read: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// Why not.
        source: rustls::pki_types::pem::Error,
    },
    /// Certificates that cannot be used.
    #[error("{}: {source}", path.display())]
    Certificate {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: rustls::Error,
    },
    /// A target's name.
    #[error("{0} is no name that a certificate could have")]
    Name(Url, #[source] InvalidDnsNameError),
    /// A target's address.
    #[error("{0} cannot be asked")]
    Target(Url),
    /// The system has no certificates to trust.
    #[error("this system trusts no certificates; name those to trust with gateway.upstream.ca_file")]
    NoRoots,
    /// TLS itself.
    #[error(transparent)]
    Tls(rustls::Error),
}

/// What all targets of an upstream share.
pub(super) fn config(settings: &Settings) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(Error::Tls)?;
    let builder = builder.with_root_certificates(roots(settings)?);
    match (&settings.client_certificate_file, &settings.client_key_file) {
        (Some(certificate), Some(key)) => {
            let chain = certificates(certificate)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|source| Error::File { path: key.clone(), what: "private key", source })?;
            builder.with_client_auth_cert(chain, key).map_err(|source| Error::Certificate { path: certificate.clone(), source })
        }
        _ => Ok(builder.with_no_client_auth()),
    }
}

/// For one target. Whichever of its addresses is asked, its certificate has to be the target's name's.
pub(super) fn connector(settings: &Settings, config: &ClientConfig, target: &Url) -> Result<Connector, Error> {
    let host = target.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(host).map_err(|source| Error::Name(target.clone(), source))?;
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(settings.connect_timeout));
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(config.clone())
        .https_or_http()
        .with_server_name_resolver(FixedServerNameResolver::new(name))
        .enable_http1()
        .wrap_connector(tcp))
}

fn roots(settings: &Settings) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = &settings.ca_file {
        for certificate in certificates(path)? {
            roots.add(certificate).map_err(|source| Error::Certificate { path: path.clone(), source })?;
        }
    } else if settings.targets.iter().any(|target| target.scheme() == "https") {
        // The system's may hold some that are no use, which is none of our business.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(Error::NoRoots);
        }
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let failed = |source| Error::File { path: path.to_owned(), what: "certificate", source };
    let all: Vec<_> = CertificateDer::pem_file_iter(path).map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?;
    if all.is_empty() { Err(failed(rustls::pki_types::pem::Error::NoItemsFound)) } else { Ok(all) }
}
