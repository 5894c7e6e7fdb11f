use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use portreeve_contract::api_key::Scope;
use url::Url;

use super::Rule;
use super::plans::{self, Plan, RequestThrottle};
use crate::read::{Bound, Conflict, Each, Named, settings, words};
use crate::values::{MINUTE, SECOND, Size, within};

/// The first parts of the paths that are Portreeve's own, or may become so. An upstream has none of them, unless it has a host of its own.
pub const OWN_PATHS: &[&str] = &[
    ".well-known",
    "account",
    "admin",
    "api",
    "chart.svg",
    "content",
    "docs",
    "favicon.svg",
    "files",
    "fonts",
    "forgot-password",
    "health",
    "inbox",
    "metrics",
    "oauth",
    "pkg",
    "reset-password",
    "robots.txt",
    "setup",
    "shared",
    "sign-in",
    "sign-out",
    "sign-up",
    "v1",
    "verify-email",
];

settings! {
    /// Who may come in, how often, and services of one's own behind Portreeve.
    pub struct Gateway {
        /// How long the token is valid that an upstream gets.
        token_lifetime: Duration => within(5 * SECOND..=MINUTE),
        /// Which pages of other origins may use the API.
        cors: Cors,
        /// Which plan is whose.
        throttle: RequestThrottle,
        /// The plans, by name.
        plan: Named<Plan>,
        /// Rules about requests, in their order.
        rule: Each<Rule> = Each::default(),
        /// The services.
        upstream: Each<Upstream> = Each::default(),
    }
    check = do_not_clash;
}

settings! {
    /// Which pages of other origins may use the API.
    pub struct Cors {
        /// Their origins.
        allowed_origins: Vec<Url> => origins(),
        /// How long a browser may remember that it asked.
        max_age: Duration => within(Duration::ZERO..=24 * 60 * MINUTE),
    }
}

fn origins() -> Bound<Vec<Url>> {
    Bound::new(|urls: &Vec<Url>| urls.iter().all(crate::is_origin), "origins such as \"https://app.example.org\", with nothing behind")
}

settings! {
    /// A service behind Portreeve.
    pub struct Upstream {
        /// What it is called in logs, and whom its tokens are for.
        name: String => Bound::new(|name: &String| is_name(name), "a name of 1 to 63 lower-case letters, digits and hyphens"),
        /// The beginning of the paths that go to it.
        path: String => Bound::new(|path: &String| is_path(path), "\"/\", or a path such as \"/orders\" without a slash at its end, of letters, digits and -._~"),
        /// A name of its own, instead of Portreeve's.
        host: Option<String> => Bound::new(
            |host: &Option<String>| host.as_ref().is_none_or(|host| is_host(host)),
            "a host's name in lower case, such as \"orders.example.org\", without scheme and port",
        ),
        /// Where it listens.
        targets: Vec<Url> => Bound::new(
            |targets: &Vec<Url>| !targets.is_empty() && targets.iter().all(is_target),
            "one or more of http://host:port or https://host, and nothing behind",
        ),
        /// Whether `path` is cut off before it is forwarded.
        strip_prefix: bool = false,
        /// Whether it is asked under the name that it has for clients.
        preserve_host: bool = false,
        /// Who may call it.
        access: Access = Access::SignedIn,
        /// What a key has to be for.
        scope: Scope = Scope::UpstreamsCall,
        /// Pages of other origins that may use it. Without any, what it says itself is passed on.
        allowed_origins: Vec<Url> = Vec::new() => origins(),
        /// How large a request's body may be.
        body_limit: Size = Size::mib(100) => within(Size::kib(1)..=Size::mib(64 << 10)),
        /// For a connection.
        connect_timeout: Duration = 3 * SECOND => within(Duration::from_millis(10)..=MINUTE),
        /// Until the head of its answer is there.
        timeout: Duration = 30 * SECOND => within(Duration::from_millis(10)..=60 * MINUTE),
        /// Without a byte of a body, either way.
        idle_timeout: Duration = MINUTE => within(SECOND..=24 * 60 * MINUTE),
        /// How often an idempotent request without a body is sent again.
        retries: u32 = 1 => within(0..=5),
        /// Failures in a row after which a target gets a rest.
        failures: u32 = 5 => within(1..=1000),
        /// That rest.
        recovery: Duration = 10 * SECOND => within(Duration::from_millis(100)..=60 * MINUTE),
        /// What is asked of each target to see whether it is well.
        health_path: Option<String> => Bound::new(
            |path: &Option<String>| path.as_ref().is_none_or(|path| path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic())),
            "a path such as \"/health\"",
        ),
        /// How often.
        health_interval: Duration = 10 * SECOND => within(Duration::from_millis(100)..=60 * MINUTE),
        /// How often a target's name is looked up.
        resolve_interval: Duration = 30 * SECOND => within(Duration::from_millis(100)..=60 * MINUTE),
        /// Certificates to trust, instead of the system's.
        ca_file: Option<PathBuf>,
        /// What Portreeve shows of itself.
        client_certificate_file: Option<PathBuf>,
        /// Its key.
        client_key_file: Option<PathBuf>,
    }
    check = fits_together;
}

words! {
    /// Who may call an upstream.
    pub enum Access {
        /// Whoever has an access token, or a key with its scope.
        "signed_in" => SignedIn,
        /// Anybody.
        "public" => Public,
    }
}

/// Also what it is called in a label of a metric and in the audience of a token.
pub(super) fn is_name(name: &str) -> bool {
    (1..=63).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Of unreserved characters (RFC 3986 §2.3) only, so that there is one way to write it.
fn is_path(path: &str) -> bool {
    let fits = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
    };
    path == "/" || path.strip_prefix('/').is_some_and(|path| path.split('/').all(fits))
}

fn is_host(host: &str) -> bool {
    let fits = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    host.len() <= 253 && host.split('.').all(fits)
}

fn is_target(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
}

fn fits_together(upstream: &Upstream) -> Result<(), Conflict> {
    let first = upstream.path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if upstream.host.is_none() && (first.is_empty() || OWN_PATHS.contains(&first)) {
        let message =
            format!("gateway.upstream.path = {:?} is Portreeve's own. Give the upstream another, or a host of its own.", upstream.path);
        return Err((&["path"], message));
    }
    if upstream.client_certificate_file.is_some() != upstream.client_key_file.is_some() {
        let message = "gateway.upstream.client_certificate_file and client_key_file need each other. Give both, or none.";
        return Err((&["client_certificate_file", "client_key_file"], message.to_owned()));
    }
    if upstream.access == Access::Public && upstream.scope.is_for_administrators() {
        let message = "gateway.upstream.access = \"public\" lets in everybody, and its scope administrators only. Leave one of them out.";
        return Err((&["access", "scope"], message.to_owned()));
    }
    let plain = upstream.targets.iter().all(|target| target.scheme() == "http");
    if plain && (upstream.ca_file.is_some() || upstream.client_certificate_file.is_some()) {
        let message =
            "gateway.upstream has certificates, and all its targets begin with http://. Write https://, or leave the certificates out.";
        return Err((&["targets", "ca_file", "client_certificate_file"], message.to_owned()));
    }
    Ok(())
}

fn do_not_clash(gateway: &Gateway) -> Result<(), Conflict> {
    plans::are_there(&gateway.throttle, &gateway.plan)?;
    let mut rules = BTreeSet::new();
    if let Some(twice) = gateway.rule.iter().find(|rule| !rules.insert(&rule.name)) {
        let message = format!("Two of gateway.rule are called {:?}. Give each a name of its own.", twice.name);
        return Err((&["rule"], message));
    }
    let mut names = BTreeSet::new();
    let mut places = BTreeSet::new();
    for upstream in gateway.upstream.iter() {
        if !names.insert(&upstream.name) {
            let message = format!("Two of gateway.upstream are called {:?}. Give each a name of its own.", upstream.name);
            return Err((&["upstream"], message));
        }
        // Services read capitals as they like.
        if !places.insert((&upstream.host, upstream.path.to_ascii_lowercase())) {
            let message =
                format!("Two of gateway.upstream have the path {:?} of the same host. Give each a path of its own.", upstream.path);
            return Err((&["upstream"], message));
        }
    }
    Ok(())
}
