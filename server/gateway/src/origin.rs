//! Where a request comes from.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use http::{Extensions, HeaderMap, header, request::Parts};
use ipnet::IpNet;

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

/// The peer's address, or behind trusted proxies the nearest address in `X-Forwarded-For` that is not one of theirs.
pub(crate) fn client_address(parts: &Parts) -> IpAddr {
    let trusted = parts.extensions.get::<Gateway>().map_or(&[][..], |gateway| gateway.settings.trusted_proxies.as_slice());
    forwarded(peer(&parts.extensions), &parts.headers, trusted)
}

/// The same of a request that the gateway has not put its name to yet.
pub(crate) fn address_of(request: &Request, trusted: &[IpNet]) -> IpAddr {
    forwarded(peer(request.extensions()), request.headers(), trusted)
}

fn peer(extensions: &Extensions) -> IpAddr {
    extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(peer)| peer.ip().to_canonical())
}

fn forwarded(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_proxy = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut nearest = peer;
    if !is_proxy(peer) {
        return peer;
    }
    // Each proxy appends whom it heard from, so the list is believed from its end, as far as proxies are ours.
    let listed = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(','));
    for entry in listed.collect::<Vec<_>>().into_iter().rev() {
        let Ok(address) = entry.trim().parse::<IpAddr>() else { return nearest };
        nearest = address.to_canonical();
        if !is_proxy(nearest) {
            return nearest;
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
        let mut headers = HeaderMap::new();
        for line in forwarded_for {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        forwarded(peer.parse().unwrap(), &headers, &trusted).to_string()
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
}
