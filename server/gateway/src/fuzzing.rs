//! What `fuzz/` calls: parsers that are nobody else's business. Compiled by cargo-fuzz alone.

use std::net::IpAddr;

use http::{HeaderMap, Request, Uri};
use ipnet::IpNet;
use portreeve_config::ForwardedBy;

use crate::{
    firewall::{Host, glob::Glob, path},
    origin,
    upstream::headers,
};

/// A path without its encoding, if it is not refused.
pub fn plain_path(path: &str) -> Option<Vec<u8>> {
    path::plain(path).ok().map(std::borrow::Cow::into_owned)
}

/// Whether a request is for that host; `None` if it is refused.
pub fn is_for(request: &Request<()>, host: &str) -> Option<bool> {
    Host::of(request).ok().map(|named| named.is(host))
}

/// Whether a text fits an operator's pattern.
pub fn fits(pattern: &str, text: &[u8]) -> bool {
    Glob::new(pattern).fits(text)
}

/// Whose address a request comes from.
pub fn nearest(peer: IpAddr, headers: &HeaderMap, by: ForwardedBy, trusted: &[IpNet]) -> IpAddr {
    origin::nearest(peer, headers, by, trusted)
}

/// Whom a line of `Forwarded` names.
pub fn forwarded(line: &str) -> Option<Vec<Option<IpAddr>>> {
    origin::forwarded::read(line)
}

/// Leaves of a request's headers what an upstream may get.
pub fn clean(headers: &mut HeaderMap) {
    headers::drop_hop_by_hop(headers);
    headers::drop_identity(headers);
    headers::drop_own_cookies(headers);
}

/// The path of the target that a redirect names.
pub fn path_within<'a>(location: &'a str, target: &Uri) -> Option<&'a str> {
    headers::path_within(location, target)
}
