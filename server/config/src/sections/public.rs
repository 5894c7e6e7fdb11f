use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;

use crate::read::{settings, words};
use crate::values::{HOUR, MINUTE, SECOND, Size, within};

settings! {
    /// The listener for people and APIs.
    pub struct Public {
        /// Where it listens; port 0 takes a free one.
        listen: SocketAddr,
        /// How long the head of a request may take.
        header_timeout: Duration => within(SECOND..=5 * MINUTE),
        /// How long a body may pause while it comes.
        body_timeout: Duration => within(SECOND..=HOUR),
        /// How many bytes of it must come a second, on average; none for any.
        body_rate: Size => within(Size::kib(0)..=Size::mib(1)),
        /// How long an answer may wait for its client to read.
        write_timeout: Duration => within(SECOND..=HOUR),
        /// How many bytes of it must be read a second, on average.
        write_rate: Size => within(Size::kib(1)..=Size::mib(64)),
        /// How long a connection may rest between requests.
        idle_timeout: Duration => within(SECOND..=HOUR),
        /// Connections at the same time.
        connections: usize => within(1..=1_000_000),
        /// Of one address, or of one /64.
        connections_per_address: usize => within(1..=1_000_000),
        /// How long the path and query of a request may be.
        max_line: Size => within(Size::kib(1)..=Size::kib(60)),
        /// How many headers it may have.
        max_headers: usize => within(16..=100),
        /// How large they may be together.
        max_header_bytes: Size => within(Size::kib(4)..=Size::kib(64)),
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
