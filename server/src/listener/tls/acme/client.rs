//! The HTTP that ACME is spoken over.

use std::{path::PathBuf, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use instant_acme::{BodyWrapper, BytesResponse, Error as AcmeError, HttpClient};
use portreeve_config::TlsAcme;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};

/// How long the authority may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How large one may be. A chain of certificates has some kilobytes.
const LARGEST: usize = 1024 * 1024;

/// Why it is not known whom to trust.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file that says so.
    #[error("{} holds no certificate in PEM that can be read: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: rustls::pki_types::pem::Error,
    },
    /// What is in it.
    #[error("{} holds a certificate that cannot be trusted: {source}", path.display())]
    Certificate {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: rustls::Error,
    },
    /// The system has none.
    #[error("this system trusts no certificates; name those to trust with tls.ca_file")]
    NoRoots,
    /// TLS itself.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

#[derive(Clone, Debug)]
pub(super) struct Client(Pool<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>);

impl Client {
    pub(super) fn open(settings: &TlsAcme) -> Result<Self, Error> {
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_safe_default_protocol_versions()?;
        let tls = builder.with_root_certificates(roots(settings)?).with_no_client_auth();
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1().build();
        // Minutes pass between two answers at most, and weeks between two orders.
        Ok(Self(Pool::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(TIMEOUT).build(connector)))
    }
}

impl HttpClient for Client {
    fn request(&self, request: Request<BodyWrapper<Bytes>>) -> Pin<Box<dyn Future<Output = Result<BytesResponse, AcmeError>> + Send>> {
        let answer = self.0.request(request);
        let whole = async move {
            let (parts, body) = answer.await.map_err(|error| AcmeError::Other(error.into()))?.into_parts();
            let body = Limited::new(body, LARGEST).collect().await.map_err(AcmeError::Other)?.to_bytes();
            Ok(BytesResponse { parts, body: Box::new(body) })
        };
        Box::pin(async move {
            let late = |_| AcmeError::Other(format!("the authority did not answer within {} seconds", TIMEOUT.as_secs()).into());
            tokio::time::timeout(TIMEOUT, whole).await.map_err(late)?
        })
    }
}

fn roots(settings: &TlsAcme) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    let Some(path) = &settings.ca_file else {
        // The system's may hold some that are no use, which is none of our business.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return if roots.is_empty() { Err(Error::NoRoots) } else { Ok(roots) };
    };
    let failed = |source| Error::File { path: path.clone(), source };
    for certificate in CertificateDer::pem_file_iter(path).map_err(failed)? {
        roots.add(certificate.map_err(failed)?).map_err(|source| Error::Certificate { path: path.clone(), source })?;
    }
    if roots.is_empty() { Err(failed(rustls::pki_types::pem::Error::NoItemsFound)) } else { Ok(roots) }
}
