//! A certificate with its key, ready to be shown, and what it says of itself.

use std::sync::Arc;

use chrono::DateTime;
use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::CertifiedKey,
};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer};

use super::Validity;

/// Why a certificate and a key are no use.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// There is none.
    #[error("there is no certificate")]
    Nothing,
    /// It is damaged.
    #[error("the certificate cannot be read: {0}")]
    Unreadable(String),
    /// It is of another key, or a key of a kind that is not known.
    #[error("the certificate and its key do not fit together: {0}")]
    Apart(#[from] rustls::Error),
}

#[derive(Debug)]
pub(super) struct Shown {
    pub(super) key: Arc<CertifiedKey>,
    pub(super) validity: Validity,
    /// The DNS names that it is for.
    pub(super) names: Vec<String>,
}

impl Shown {
    pub(super) fn of(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, Unfit> {
        let (validity, names) = described(chain.first().ok_or(Unfit::Nothing)?)?;
        let key = Arc::new(CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())?);
        Ok(Self { key, validity, names })
    }
}

fn described(certificate: &CertificateDer<'_>) -> Result<(Validity, Vec<String>), Unfit> {
    let unreadable = |error: &dyn std::fmt::Display| Unfit::Unreadable(error.to_string());
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(|error| unreadable(&error))?;
    let time = |seconds| DateTime::from_timestamp(seconds, 0).ok_or_else(|| unreadable(&"it ends in no year of ours"));
    let (from, until) = (certificate.validity().not_before.timestamp(), certificate.validity().not_after.timestamp());
    let alternatives = certificate.subject_alternative_name().map_err(|error| unreadable(&error))?;
    let names = alternatives.iter().flat_map(|extension| &extension.value.general_names).filter_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    });
    Ok((Validity { from: time(from)?, until: time(until)? }, names.collect()))
}
