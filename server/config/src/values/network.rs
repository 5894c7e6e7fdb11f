//! Addresses, networks and origins.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use url::Url;

use crate::read::{Leaf, Raw, without_password};

impl Leaf for SocketAddr {
    const WANT: &'static str = "an address with a port, such as \"127.0.0.1:3000\", \"0.0.0.0:443\" or \"[::1]:3000\"";

    fn parse(raw: &Raw) -> Option<Self> {
        raw.text()?.trim().parse().ok()
    }

    fn to_toml(&self) -> toml::Value {
        self.to_string().into()
    }
}

/// A network, or one address for a network of one.
impl Leaf for IpNet {
    const WANT: &'static str = "a list of networks or addresses, such as [\"10.0.0.0/8\", \"::1\"]";

    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?.trim();
        text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(Self::from))
    }

    fn to_toml(&self) -> toml::Value {
        self.to_string().into()
    }
}

impl Leaf for Url {
    const WANT: &'static str = "a URL, such as \"https://portreeve.example.org\"";

    fn parse(raw: &Raw) -> Option<Self> {
        Self::parse(raw.text()?.trim()).ok().filter(Self::has_host)
    }

    fn to_toml(&self) -> toml::Value {
        // As an operator writes an origin: `Url` ends it with a slash.
        let text = without_password(self.as_str());
        if self.path() == "/" && self.query().is_none() { text.trim_end_matches('/').into() } else { text.into() }
    }
}
