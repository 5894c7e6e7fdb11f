//! Where a request comes from.

pub(crate) mod forwarded;

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{Extensions, HeaderMap, header, request::Parts};
use ipnet::IpNet;
use portreeve_config::ForwardedBy;

use crate::Gateway;

/// The cookie that a sign-in on a page leaves to tell this device from a stranger's.
const DEVICE_COOKIE: &str = "__Host-portreeve_device";

/// Extracts [`portreeve_services::Origin`].
#[derive(Clone, Debug)]
pub struct Origin(pub portreeve_services::Origin);

impl Origin {
    /// From a request's parts.
    pub fn of(parts: &Parts) -> Self {
        Self(portreeve_services::Origin {
            address: client_address(parts),
            user_agent: parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned(),
            // The API reads no cookie.
            device: if parts.uri.path().starts_with("/v1/") { None } else { cookie(&parts.headers, DEVICE_COOKIE).map(str::to_owned) },
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}

/// The peer's address, or behind trusted proxies the nearest one that they name and that is not one of theirs.
pub(crate) fn client_address(parts: &Parts) -> IpAddr {
    address_of(&parts.extensions, &parts.headers)
}

/// As [`client_address`], of what a request carries.
pub(crate) fn address_of(extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(peer)| peer.ip().to_canonical());
    match extensions.get::<Gateway>().map(|gateway| &gateway.settings) {
        Some(settings) => nearest(peer, headers, settings.forwarded_by, &settings.trusted_proxies),
        None => peer,
    }
}

/// Each proxy appends whom it heard from, so the list is believed from its end, as far as proxies are ours, and up to what cannot be read.
pub(crate) fn nearest(peer: IpAddr, headers: &HeaderMap, by: ForwardedBy, trusted: &[IpNet]) -> IpAddr {
    let is_proxy = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut nearest = peer;
    if !is_proxy(peer) {
        return peer;
    }
    let name = match by {
        ForwardedBy::XForwardedFor => "x-forwarded-for",
        ForwardedBy::Forwarded => "forwarded",
    };
    for line in headers.get_all(name).iter().rev() {
        let Ok(line) = line.to_str() else { return nearest };
        let named: Vec<Option<IpAddr>> = match by {
            ForwardedBy::XForwardedFor => line.split(',').map(|entry| entry.trim().parse().ok()).collect(),
            ForwardedBy::Forwarded => forwarded::read(line).unwrap_or_default(),
        };
        if named.is_empty() {
            return nearest;
        }
        for address in named.into_iter().rev() {
            let Some(address) = address else { return nearest };
            nearest = address.to_canonical();
            if !is_proxy(nearest) {
                return nearest;
            }
        }
    }
    nearest
}

/// The cookie of that name (RFC 6265 §5.4); the first, if there are two.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(found, _)| *found == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, forwarded_for: &[&str], trusted: &[&str]) -> String {
        by(ForwardedBy::XForwardedFor, peer, &forwarded_for.iter().map(|line| ("x-forwarded-for", *line)).collect::<Vec<_>>(), trusted)
    }

    fn by(by: ForwardedBy, peer: &str, lines: &[(&'static str, &str)], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(*name, line.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        nearest(peer.parse().unwrap(), &headers, by, &trusted).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(from("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(from("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn proxies_are_believed_as_far_as_they_are_ours() {
        let ours = ["10.0.0.0/8"];
        assert_eq!(from("10.0.0.1", &["198.51.100.1"], &ours), "198.51.100.1");
        assert_eq!(from("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], &ours), "198.51.100.1");
        assert_eq!(from("10.0.0.1", &["6.6.6.6", "198.51.100.1"], &ours), "198.51.100.1");
        assert_eq!(from("10.0.0.1", &["198.51.100.1, rubbish"], &ours), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &[], &ours), "10.0.0.1");
    }
    #[test]
    fn the_standards_header_is_believed_where_proxies_write_it() {
        let ours = ["10.0.0.0/8", "2001:db8::/32"];
        let from = |peer: &str, lines: &[(&'static str, &str)]| by(ForwardedBy::Forwarded, peer, lines, &ours);
        assert_eq!(from("10.0.0.1", &[("forwarded", "for=198.51.100.1")]), "198.51.100.1");
        assert_eq!(
            from("10.0.0.1", &[("forwarded", "for=6.6.6.6, for=198.51.100.1;proto=https, for=\"[2001:db8::2]:80\"")]),
            "198.51.100.1"
        );
        assert_eq!(from("10.0.0.1", &[("forwarded", "for=6.6.6.6"), ("forwarded", "for=198.51.100.1")]), "198.51.100.1");
        assert_eq!(from("203.0.113.9", &[("forwarded", "for=198.51.100.1")]), "203.0.113.9");
    }

    #[test]
    fn what_hides_somebody_or_cannot_be_read_ends_what_is_believed() {
        let ours = ["10.0.0.0/8"];
        let from = |lines: &[(&'static str, &str)]| by(ForwardedBy::Forwarded, "10.0.0.1", lines, &ours);
        assert_eq!(from(&[("forwarded", "for=6.6.6.6, for=unknown")]), "10.0.0.1");
        assert_eq!(from(&[("forwarded", "for=6.6.6.6, for=_hidden, for=10.0.0.2")]), "10.0.0.2");
        assert_eq!(from(&[("forwarded", "for=\", for=198.51.100.1")]), "10.0.0.1");
        // The one that our proxies do not write is the client's own.
        assert_eq!(from(&[("x-forwarded-for", "6.6.6.6")]), "10.0.0.1");
        assert_eq!(by(ForwardedBy::XForwardedFor, "10.0.0.1", &[("forwarded", "for=6.6.6.6")], &ours), "10.0.0.1");
    }
}
