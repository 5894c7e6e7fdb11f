//! Rules that an operator writes: whom they are about, and what becomes of them.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use ipnet::IpNet;
use portreeve_config::{Rule as Config, RuleAction};

use super::glob::Glob;

/// What rules look at.
pub(super) struct Seen<'a> {
    pub(super) address: IpAddr,
    pub(super) method: &'a Method,
    /// What tus takes in its place (`X-HTTP-Method-Override`).
    pub(super) overriding: Option<&'a HeaderValue>,
    /// Without its encoding.
    pub(super) path: &'a [u8],
    /// Also without parameters of segments, as many services read it, and then without a slash at the end.
    pub(super) named: &'a [u8],
    pub(super) bare: &'a [u8],
    pub(super) headers: &'a HeaderMap,
}

/// Fits a request that all its parts fit; one without parts fits every request.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) action: RuleAction,
    /// How many requests it fitted.
    pub(super) fitted: AtomicU64,
    addresses: Vec<IpNet>,
    methods: Vec<String>,
    path: Option<Path>,
    headers: Vec<(HeaderName, Glob)>,
}

#[derive(Debug)]
enum Path {
    /// It, and all below it.
    Tree(Vec<u8>),
    Glob(Glob),
}

impl Rule {
    pub(super) fn new(config: &Config) -> Self {
        let path = config.path.as_deref().map(|path| {
            if path.contains('*') { Path::Glob(Glob::new(path)) } else { Path::Tree(path.trim_end_matches('/').as_bytes().to_owned()) }
        });
        // What is no name was refused with the configuration.
        let header = config.header.as_deref().and_then(|header| header.split_once(':'));
        let header = header.and_then(|(name, value)| Some((name.trim().parse().ok()?, Glob::new(value.trim()))));
        let user_agent = config.user_agent.as_deref().map(|value| (header::USER_AGENT, Glob::new(value)));
        Self {
            name: config.name.clone(),
            action: config.action,
            fitted: AtomicU64::new(0),
            addresses: config.addresses.clone(),
            methods: config.methods.clone(),
            path,
            headers: header.into_iter().chain(user_agent).collect(),
        }
    }

    pub(super) fn fits(&self, seen: &Seen<'_>) -> bool {
        let fits = (self.addresses.is_empty() || self.addresses.iter().any(|network| network.contains(&seen.address)))
            && (self.methods.is_empty() || self.fits_method(seen))
            && self.path.as_ref().is_none_or(|path| self.fits_path(path, seen))
            && self.headers.iter().all(|(name, pattern)| seen.headers.get_all(name).iter().any(|value| pattern.fits(value.as_bytes())));
        if fits {
            self.fitted.fetch_add(1, Ordering::Relaxed);
        }
        fits
    }

    /// Lets in only what may come in however it is read, and keeps out what may not in any reading.
    fn fits_method(&self, seen: &Seen<'_>) -> bool {
        let named = |method: &[u8]| self.methods.iter().any(|named| named.as_bytes() == method);
        let plain = named(seen.method.as_str().as_bytes());
        match (self.action, seen.overriding) {
            (_, None) => plain,
            (RuleAction::Allow, Some(overriding)) => plain && named(overriding.as_bytes()),
            (RuleAction::Block | RuleAction::Count, Some(overriding)) => plain || named(overriding.as_bytes()),
        }
    }

    /// As for methods.
    fn fits_path(&self, path: &Path, seen: &Seen<'_>) -> bool {
        match self.action {
            RuleAction::Allow => path.fits(seen.path) && path.fits(seen.named),
            RuleAction::Block | RuleAction::Count => path.fits(seen.path) || path.fits(seen.named) || path.fits(seen.bare),
        }
    }
}

impl Path {
    fn fits(&self, path: &[u8]) -> bool {
        match self {
            Self::Glob(glob) => glob.fits(path),
            Self::Tree(tree) => path
                .split_at_checked(tree.len())
                .is_some_and(|(start, rest)| start.eq_ignore_ascii_case(tree) && (rest.is_empty() || rest.starts_with(b"/"))),
        }
    }
}
