use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;

use crate::read::{Bound, kinds, settings};

kinds! {
    /// TLS on the public listener.
    pub enum PublicTls {
        /// None: on this machine, or behind a proxy that terminates it.
        "off" => NoTls,
        /// With a certificate in files.
        "files" => TlsFiles,
        /// With one that an authority gives by itself.
        "acme" => TlsAcme,
    }
}

impl PublicTls {
    /// Where plain HTTP is answered with the way to HTTPS.
    pub fn redirect_from(&self) -> Option<SocketAddr> {
        match self {
            Self::NoTls(_) => None,
            Self::TlsFiles(files) => files.redirect_from,
            Self::TlsAcme(acme) => acme.redirect_from,
        }
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

settings! {
    /// A certificate that an authority gives by itself, and renews (ACME, RFC 8555).
    pub struct TlsAcme {
        /// The names it is for.
        domains: Vec<String> => Bound::new(are_domains, "1 to 100 different names in DNS, in lower case, such as [\"portreeve.example.org\"]"),
        /// Where the authority's directory is.
        directory: Url = lets_encrypt() => Bound::new(|url: &Url| url.scheme() == "https", "an address with https://"),
        /// Whom the authority may write to.
        contact: Option<String> => Bound::new(|contact: &Option<String>| contact.as_deref().is_none_or(is_address), "an address of e-mail"),
        /// The certificates that the authority itself is trusted by, in PEM.
        ca_file: Option<PathBuf>,
        /// The folder of what it gave, relative to `data.path`.
        folder: PathBuf = PathBuf::from("acme"),
        /// Where plain HTTP is answered with the way to HTTPS.
        redirect_from: Option<SocketAddr>,
    }
}

fn lets_encrypt() -> Url {
    Url::parse("https://acme-v02.api.letsencrypt.org/directory").expect("an address")
}

/// Neither addresses nor wildcards, which take other ways of validation.
#[expect(clippy::ptr_arg, reason = "a bound takes what the setting is")]
fn are_domains(domains: &Vec<String>) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_domain = |domain: &String| {
        let ends_in_a_number = domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        domain.len() <= 253 && !ends_in_a_number && domain.split('.').all(is_label)
    };
    let are_different = domains.iter().collect::<std::collections::HashSet<_>>().len() == domains.len();
    (1..=100).contains(&domains.len()) && are_different && domains.iter().all(is_domain)
}

fn is_address(text: &str) -> bool {
    let odd = |part: &str| part.is_empty() || part.contains(|c: char| !c.is_ascii_graphic() || "<>()[]\",;:\\@?&%".contains(c));
    text.split_once('@').is_some_and(|(local, domain)| !odd(local) && !odd(domain))
}
