//! What an upstream hears of a request, and a client of its answer.

use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{self, Entry},
};

use super::Upstream;
use crate::{Gateway, origin::client_address};

/// What every cookie of Portreeve's begins with; browsers compare `__Host-` without case.
const OWN_COOKIE: &str = "__host-portreeve";

/// Of one connection only (RFC 9110 §7.6.1), beside those that `Connection` names.
static HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What programs behind gateways believe of who asks and from where. Only ours say so. Those that begin with `x-` are by themselves, and without it.
const IDENTITY: [&str; 6] = ["forwarded", "via", "true-client-ip", "fastly-client-ip", "client-cert", "client-cert-chain"];
const IDENTITY_PREFIXES: [&str; 5] = ["cf-access-", "cf-connecting-", "remote-", "ssl-client-", "tailscale-"];
const X_IDENTITY: [&str; 17] = [
    "anonymous-consumer",
    "arr-clientcert",
    "client-ip",
    "cluster-client-ip",
    "forwarded",
    "id-token",
    "real-ip",
    "request-id",
    "rewrite-url",
    "user",
    "user-email",
    "user-id",
    "user-name",
    "user-roles",
    "userinfo",
    // Rules are about the method that a request has.
    "http-method",
    "method-override",
];
const X_IDENTITY_PREFIXES: [&str; 22] = [
    "amzn-oidc-",
    "auth-request-",
    "authenticated-",
    "authentik-",
    "client-cert",
    "client-dn",
    "client-verify",
    "consumer-",
    "credential-",
    "endpoint-api-userinfo",
    "forwarded-",
    "goog-authenticated-user-",
    "goog-iap-",
    "http-method-override",
    "ms-client-principal",
    "ms-token-",
    "original-",
    "portreeve-",
    "remote-",
    "ssl-",
    "vouch-",
    "webauth-",
];

/// What on Portreeve's own name would speak for all of it.
const OF_THE_WHOLE_HOST: [&str; 8] = [
    "clear-site-data",
    "service-worker-allowed",
    "strict-transport-security",
    "public-key-pins",
    "alt-svc",
    // Where browsers tell of failed requests, with their addresses, whichever page of the host made them.
    "nel",
    "report-to",
    "reporting-endpoints",
];

/// Turns the headers of a request that came into those that go on. `token` replaces the caller's.
pub(super) fn outgoing(parts: &mut http::request::Parts, gateway: &Gateway, upstream: &Upstream, token: Option<HeaderValue>) {
    let client = HeaderValue::try_from(client_address(parts).to_string());
    let host = match (&upstream.own_host, parts.uri.authority()) {
        // Portreeve answers to whatever name it is asked by. A service would write that into its links, for whoever reads them next.
        (Some(own), _) => Some(own.clone()),
        (None, Some(authority)) => HeaderValue::try_from(authority.as_str()).ok(),
        (None, None) => parts.headers.get(header::HOST).cloned(),
    };
    let headers = &mut parts.headers;
    drop_hop_by_hop(headers);
    drop_identity(headers);
    // The server has answered it already.
    headers.remove(header::EXPECT);
    // HTTP/2 lets the same one through twice; whoever reads on may take either, or neither (RFC 9110 §8.6).
    if let Some(length) = headers.remove(header::CONTENT_LENGTH) {
        headers.insert(header::CONTENT_LENGTH, length);
    }
    if let Some(token) = token {
        headers.insert(header::AUTHORIZATION, token);
    }
    drop_own_cookies(headers);
    if let Ok(client) = client {
        headers.insert(FORWARDED_FOR, client);
    }
    headers
        .insert(FORWARDED_PROTO, HeaderValue::from_static(if gateway.settings.public_url.scheme() == "https" { "https" } else { "http" }));
    if let Some(host) = host {
        if upstream.settings.preserve_host {
            headers.insert(header::HOST, host.clone());
        }
        headers.insert(FORWARDED_HOST, host);
    }
    if upstream.settings.strip_prefix
        && upstream.is_on_own_host()
        && let Ok(prefix) = HeaderValue::try_from(&upstream.settings.path)
    {
        headers.insert(FORWARDED_PREFIX, prefix);
    }
}

/// Turns the headers of an upstream's answer into those that the client gets. `target` is where it was asked.
pub(super) fn incoming(headers: &mut HeaderMap, upstream: &Upstream, target: &Uri) {
    drop_hop_by_hop(headers);
    drop_own_set_cookies(headers);
    let is_own = upstream.is_on_own_host();
    drop_those(headers, |name| name == "x-request-id" || is_own && OF_THE_WHOLE_HOST.contains(&name));
    if let Some(location) = headers.get(header::LOCATION).and_then(|value| moved(value.to_str().ok()?, upstream, target)) {
        headers.insert(header::LOCATION, location);
    }
}

pub(crate) fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let lines = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named = lines.flat_map(|line| line.split(',')).filter_map(|name| name.trim().parse::<HeaderName>().ok());
    // It cannot be used to take away what others go by.
    let is_kept = |name: &HeaderName| {
        matches!(*name, header::HOST | header::CONTENT_LENGTH | header::CONTENT_TYPE | header::AUTHORIZATION | header::COOKIE)
    };
    let own = headers.keys().filter(|name| HOP_BY_HOP.contains(name)).cloned();
    let dropped: Vec<HeaderName> = named.filter(|name| !is_kept(name)).chain(own).collect();
    for name in dropped {
        headers.remove(name);
    }
}

/// Also those with an underscore: CGI and WSGI read it as the hyphen that was dropped.
pub(crate) fn drop_identity(headers: &mut HeaderMap) {
    let is_among =
        |name: &str, names: &[&str], prefixes: &[&str]| names.contains(&name) || prefixes.iter().any(|prefix| name.starts_with(prefix));
    let forged = |name: &str| {
        name.contains('_')
            || match name.strip_prefix("x-") {
                Some(rest) => is_among(rest, &X_IDENTITY, &X_IDENTITY_PREFIXES),
                None => is_among(name, &IDENTITY, &IDENTITY_PREFIXES),
            }
    };
    drop_those(headers, forged);
}

/// Asking each that is there is quicker than looking for each that may be.
fn drop_those(headers: &mut HeaderMap, are_dropped: impl Fn(&str) -> bool) {
    let names: Vec<HeaderName> = headers.keys().filter(|name| are_dropped(name.as_str())).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

fn drop_own_set_cookies(headers: &mut HeaderMap) {
    let Entry::Occupied(all) = headers.entry(header::SET_COOKIE) else { return };
    let (name, values) = all.remove_entry_mult();
    let kept: Vec<_> = values.filter(|value| !names_own(value)).collect();
    for value in kept {
        headers.append(&name, value);
    }
}

pub(crate) fn drop_own_cookies(headers: &mut HeaderMap) {
    let Entry::Occupied(all) = headers.entry(header::COOKIE) else { return };
    let (_, lines) = all.remove_entry_mult();
    let others = |line: &HeaderValue| {
        let pairs = line.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty() && !is_own(pair));
        pairs.map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let kept = lines.flat_map(|line| others(&line)).collect::<Vec<_>>().join(&b"; "[..]);
    if let Ok(value) = HeaderValue::from_bytes(&kept)
        && !kept.is_empty()
    {
        headers.insert(header::COOKIE, value);
    }
}

/// Whether a `Set-Cookie` is for one of Portreeve's cookies. One without a name is taken for what its value says (RFC 6265bis §5.6).
fn names_own(value: &HeaderValue) -> bool {
    is_own(value.as_bytes().trim_ascii())
}

fn is_own(pair: &[u8]) -> bool {
    let name = pair.strip_prefix(b"=").unwrap_or(pair).trim_ascii_start();
    name.get(..OWN_COOKIE.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN_COOKIE.as_bytes()))
}

/// A redirect that names the target, or a path of it, as the client can follow it.
fn moved(location: &str, upstream: &Upstream, target: &Uri) -> Option<HeaderValue> {
    let path = path_within(location, target)?;
    let path = if upstream.settings.strip_prefix { upstream.path.join(path) } else { path.to_owned() };
    HeaderValue::try_from(path).ok()
}

/// The path of the target that a redirect names.
pub(crate) fn path_within<'a>(location: &'a str, target: &Uri) -> Option<&'a str> {
    let (scheme, authority) = (target.scheme_str()?, target.authority()?.as_str());
    let within = location.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")?.strip_prefix(authority));
    match within {
        Some("") => Some("/"),
        Some(path) => Some(path),
        None => Some(location),
    }
    // `//host` is another host.
    .filter(|path| path.starts_with('/') && !path.starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        headers
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        headers.keys().map(HeaderName::as_str).collect()
    }

    #[test]
    fn what_is_of_one_connection_does_not_go_on() {
        let mut headers = map(&[
            ("connection", "close, X-Mine, authorization"),
            ("x-mine", "1"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("authorization", "Bearer x"),
        ]);
        drop_hop_by_hop(&mut headers);
        assert_eq!(names(&headers), ["authorization"]);
    }

    #[test]
    fn nobody_says_who_they_are_by_a_header() {
        let mut headers = map(&[
            ("X-Forwarded-User", "root"),
            ("Forwarded", "for=1.2.3.4"),
            ("X-Real-IP", "1.2.3.4"),
            ("X-Portreeve-User", "1"),
            ("X_Forwarded_For", "1"),
            ("Remote-User", "root"),
            ("X-Authenticated-User", "root"),
            ("X-Goog-Authenticated-User-Email", "root"),
            ("Cf-Access-Jwt-Assertion", "x"),
            ("X-SSL-Client-Cert", "x"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("Accept", "*/*"),
            ("X-Auth-Token", "the service's own"),
        ]);
        drop_identity(&mut headers);
        let mut left = names(&headers);
        left.sort_unstable();
        assert_eq!(left, ["accept", "x-auth-token"]);
    }

    #[test]
    fn cookies_of_portreeve_stay_here() {
        let mut headers = map(&[("cookie", "a=1; __Host-portreeve_refresh=secret;b=2"), ("cookie", "__host-Portreeve_device=x; c=3")]);
        drop_own_cookies(&mut headers);
        assert_eq!(headers[header::COOKIE], "a=1; b=2; c=3");
        let mut only = map(&[("cookie", "__Host-portreeve_refresh=secret")]);
        drop_own_cookies(&mut only);
        assert!(only.is_empty());
    }

    #[test]
    fn a_redirect_within_the_target_is_a_path_and_never_another_host() {
        let target = "http://10.0.0.1:8080/orders/7".parse().unwrap();
        let found = |location| path_within(location, &target);
        assert_eq!([found("/x?y"), found("http://10.0.0.1:8080"), found("http://10.0.0.1:8080/x")], [Some("/x?y"), Some("/"), Some("/x")]);
        for location in
            ["x", "//evil", "http://10.0.0.1:8080//evil", "http://10.0.0.1:8080.evil/", "https://10.0.0.1:8080/x", "http://evil/"]
        {
            assert_eq!(found(location), None, "{location}");
        }
    }

    #[test]
    fn no_answer_sets_them() {
        for cookie in
            ["__Host-portreeve_refresh=x; Path=/", " __HOST-PORTREEVE_device=x", "=__Host-portreeve_refresh=x", "__Host-portreeve_refresh"]
        {
            assert!(names_own(&HeaderValue::from_str(cookie).unwrap()), "{cookie}");
        }
        assert!(!names_own(&HeaderValue::from_static("session=__Host-portreeve_refresh")));
    }
}
