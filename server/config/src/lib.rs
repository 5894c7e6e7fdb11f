//! What can an operator set?
//!
//! `config.default.toml` is embedded: it holds the defaults and documents each setting. Over it lie, later ones winning, the file given
//! with `--config`, and environment variables named `PORTREEVE__SECTION__KEY`. Every secret can also be given as the path of a file,
//! under its name with `_file`. What is not known is a mistake, and all mistakes are told at once, each with its place.

mod read;
mod sections;
mod values;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use ipnet::IpNet;
use read::Section as _;
use url::Url;

pub use read::{Each, Errors, Named, Place, Problem};
pub use sections::*;
pub use values::{Mailbox, Secret, Size};

/// The defaults, and the documentation of every setting.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

read::settings! {
    /// Everything an operator can set.
    pub struct Config {
        /// The origin under which people reach Portreeve; links in mails begin with it.
        public_url: Url => read::Bound::new(is_origin, "an origin: http or https, a host, perhaps a port, and nothing behind"),
        /// The listener for people and APIs.
        public: Public,
        /// The listener for whoever operates Portreeve.
        internal: Internal,
        /// TLS on the public listener.
        tls: PublicTls,
        /// The folder of everything that is kept on this machine.
        data: Data,
        /// Where accounts, sessions and events are kept.
        database: Database,
        /// Where the bytes of files live.
        objects: Objects,
        /// What people may upload.
        files: Files,
        /// What carries events to consumers.
        stream: Stream,
        /// How long events are kept.
        events: Events,
        /// Work that is done beside requests.
        worker: Worker,
        /// Which way mails leave.
        mail: Mail,
        /// What all mails have in common.
        mailer: Mailer,
        /// What many nodes remember together for a while.
        cache: Cache,
        /// Keys that sign tokens, and the one that seals all others.
        keys: Keys,
        /// How long a sign-in lasts.
        tokens: Tokens,
        /// What passwords must be, and how they are hashed.
        passwords: Passwords,
        /// Who may have an account.
        accounts: Accounts,
        /// How often something may be tried.
        throttle: Throttle,
        /// Who may come how often, and services of one's own behind the gateway.
        gateway: Gateway,
        /// What is logged, and how.
        log: Log,
        /// Where traces go.
        traces: Traces,
    }
    check = fits_together;
}

impl Config {
    /// The configuration from the defaults, `file` if one is given, and the variables of `environment` (see [`environment`]).
    ///
    /// # Errors
    /// Every value that is unknown, missing, unreadable or out of bounds, with its place and what would be right.
    pub fn load(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Result<Self, Errors> {
        let mut problems = Vec::new();
        let mut given = file.map(|file| read::file(file, &mut problems)).unwrap_or_default();
        read::overlay(&mut given, read::environment(environment, &mut problems));
        let mut all = read::toml_text(DEFAULTS, &|line| Place::Default { line }, &mut problems);
        read::overlay(&mut all, given);
        match Self::fields(&mut read::Reader::root(&all, &mut problems)) {
            Ok(config) if problems.is_empty() => Ok(config),
            _ => Err(Errors::new(problems)),
        }
    }

    /// The defaults alone.
    ///
    /// # Errors
    /// None, as the tests of this crate hold; the defaults are read like any other source.
    pub fn embedded() -> Result<Self, Errors> {
        Self::load(None, std::iter::empty())
    }

    /// As TOML, in the order of the defaults, with each secret as `"hidden"`.
    pub fn show(&self) -> String {
        let mut shown = read::Shown::default();
        self.show_fields(&mut shown);
        shown.to_string()
    }

    /// A path of the configuration, which is relative to `data.path`.
    pub fn data_path(&self, path: &Path) -> PathBuf {
        self.data.path.join(path)
    }
}

/// The variables of this process. Those that are not Unicode keep a replacement character where they are not, so that the mistake is
/// told instead of overlooked.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
}

fn is_origin(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
}

fn fits_together(config: &Config) -> Result<(), read::Conflict> {
    if matches!(config.tls, PublicTls::NoTls(_)) {
        return listeners_differ(config);
    }
    if config.public_url.scheme() != "https" {
        let message = format!(
            "tls has a certificate, and public_url = \"{}\" is not https://. Write the address that people use.",
            config.public_url
        );
        return Err((&["public_url", "tls.kind"], message));
    }
    if let PublicTls::TlsAcme(acme) = &config.tls {
        let host = config.public_url.host_str().unwrap_or_default();
        if !acme.domains.iter().any(|domain| domain == host) {
            let message = format!("tls.domains are without \"{host}\", the host of public_url, whose certificate people's browsers want.");
            return Err((&["public_url", "tls.domains"], message));
        }
    }
    for (other, name) in [(config.public.listen, "public.listen"), (config.internal.listen, "internal.listen")] {
        if config.tls.redirect_from().is_some_and(|from| clash(from, other)) {
            let message = format!("tls.redirect_from and {name} = \"{other}\" are in each other's way. Give each a port of its own.");
            return Err((&["tls.redirect_from"], message));
        }
    }
    listeners_differ(config)
}

fn listeners_differ(config: &Config) -> Result<(), read::Conflict> {
    let (public, internal) = (config.public.listen, config.internal.listen);
    if clash(public, internal) {
        let message = format!(
            "public.listen = \"{public}\" and internal.listen = \"{internal}\" are in each other's way. Give each a port of its own."
        );
        return Err((&["public.listen", "internal.listen"], message));
    }
    Ok(())
}

fn clash(one: SocketAddr, other: SocketAddr) -> bool {
    let same_address = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    same_address && one.port() == other.port() && one.port() != 0
}
