use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;

use crate::read::settings;
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
        /// Proxies whose `X-Forwarded-For` is believed.
        trusted_proxies: Vec<IpNet>,
    }
}
