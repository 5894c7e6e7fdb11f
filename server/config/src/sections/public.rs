use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;

use crate::read::{settings, words};
use crate::values::{MINUTE, SECOND, Size, within};

settings! {
    /// The listener for people and APIs.
    pub struct Public {
        /// Where it listens; port 0 takes a free one.
        listen: SocketAddr,
        /// How long the head of a request may take.
        header_timeout: Duration => within(SECOND..=5 * MINUTE),
        /// How large a JSON body may be.
        body_limit: Size => within(Size::kib(1)..=Size::mib(64)),
        /// How long requests in flight may go on after SIGTERM.
        shutdown_grace: Duration => within(Duration::ZERO..=10 * MINUTE),
        /// Proxies that are believed about whom they forward.
        trusted_proxies: Vec<IpNet>,
        /// How they say so.
        forwarded_by: ForwardedBy,
    }
}

words! {
    /// The header in which proxies name whom they forward. One of them only: a proxy that writes one passes the other on as its client forged it.
    pub enum ForwardedBy {
        /// The usual one.
        "x-forwarded-for" => XForwardedFor,
        /// The standard's (RFC 7239).
        "forwarded" => Forwarded,
    }
}
