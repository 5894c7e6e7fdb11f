//! `Forwarded` (RFC 7239), strictly: half of what cannot be read may be what a client forged.

use std::net::{IpAddr, SocketAddr};

/// Whom a line of the header names, in its order: an address; or nothing for `unknown`, a hidden name, and an element that names nobody. `None` if the
/// line is not as the standard has it.
pub(crate) fn read(line: &str) -> Option<Vec<Option<IpAddr>>> {
    let mut rest = Rest(line);
    let mut all = Vec::new();
    loop {
        all.push(rest.element()?);
        rest.spaces();
        if rest.0.is_empty() {
            return Some(all);
        }
        if !rest.eat(',') {
            return None;
        }
        rest.spaces();
    }
}

/// What is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Pairs with semicolons between them; each parameter once.
    #[expect(clippy::option_option, reason = "the outer one says whether it can be read, the inner one whether it names an address")]
    fn element(&mut self) -> Option<Option<IpAddr>> {
        let mut seen = Vec::new();
        let mut address = None;
        loop {
            let name = self.token()?.to_ascii_lowercase();
            if seen.contains(&name) || !self.eat('=') {
                return None;
            }
            let value = self.value()?;
            if name == "for" {
                address = node(&value)?;
            }
            seen.push(name);
            if !self.eat(';') {
                return Some(address);
            }
        }
    }

    fn value(&mut self) -> Option<String> {
        if !self.eat('"') {
            return self.token().map(str::to_owned);
        }
        let mut value = String::new();
        loop {
            match self.next()? {
                '"' => return Some(value),
                '\\' => value.push(self.next()?),
                next if next == '\t' || !next.is_ascii_control() => value.push(next),
                _ => return None,
            }
        }
    }

    fn token(&mut self) -> Option<&'a str> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let end = self.0.bytes().position(|byte| !is_part(byte)).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        (!token.is_empty()).then_some(token)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn spaces(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.0.chars();
        let next = characters.next();
        self.0 = characters.as_str();
        next
    }
}

/// RFC 7239 §6: an address, IPv6 in brackets, perhaps with a port; or a name that hides it.
#[expect(clippy::option_option, reason = "the outer one says whether it can be read, the inner one whether it names an address")]
fn node(value: &str) -> Option<Option<IpAddr>> {
    if let Ok(address) = value.parse::<std::net::Ipv4Addr>() {
        return Some(Some(address.into()));
    }
    if let Some(Ok(address)) = value.strip_prefix('[').and_then(|value| value.strip_suffix(']')).map(str::parse::<std::net::Ipv6Addr>) {
        return Some(Some(address.into()));
    }
    if let Ok(address) = value.parse::<SocketAddr>() {
        return Some(Some(address.ip()));
    }
    // A port may be hidden where the address is not.
    let is_hidden = |name: &str| {
        let rest = name.strip_prefix('_').filter(|rest| !rest.is_empty());
        rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)))
    };
    let (name, port) = value.rsplit_once(':').map_or((value, None), |(name, port)| (name, Some(port)));
    let is_port = |port: &str| is_hidden(port) || (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    if port.is_some_and(|port| !is_port(port)) {
        return None;
    }
    if name == "unknown" || is_hidden(name) {
        return Some(None);
    }
    port.filter(|port| is_hidden(port)).and_then(|_| node(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Option<Vec<String>> {
        let name = |address: Option<IpAddr>| address.map_or("-".to_owned(), |address| address.to_string());
        read(line).map(|all| all.into_iter().map(name).collect())
    }

    #[test]
    fn each_form_of_the_standard_is_read() {
        for (line, expected) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", &["192.0.2.60"][..]),
            ("For=\"[2001:db8:cafe::17]:4711\"", &["2001:db8:cafe::17"]),
            ("for=\"[2001:db8:cafe::17]\"", &["2001:db8:cafe::17"]),
            ("for=192.0.2.43, for=198.51.100.17", &["192.0.2.43", "198.51.100.17"]),
            ("for=192.0.2.43 ,\tfor=\"192.0.2.44:8080\";host=\"a, b; c\"", &["192.0.2.43", "192.0.2.44"]),
            ("for=_hidden, for=unknown, for=\"_SEVKISEK:_4\"", &["-", "-", "-"]),
            ("for=\"unknown:80\";proto=https", &["-"]),
            ("for=\"192.0.2.1:_port\"", &["192.0.2.1"]),
            ("for=\"192.0.2\\.1\"", &["192.0.2.1"]),
            ("proto=https", &["-"]),
        ] {
            assert_eq!(names(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn what_is_not_of_the_standard_is_not_guessed_at() {
        for line in [
            "",
            "for",
            "for=",
            "for=\"",
            "for=\"192.0.2.1",
            // What a client began and a proxy went on with.
            "for=\"x, for=\"192.0.2.1\"",
            "for=192.0.2.1;for=192.0.2.2",
            "for=192.0.2.1;",
            "for=192.0.2.1,",
            "for = 192.0.2.1",
            "for=[2001:db8::1]",
            "for=\"2001:db8::1\"",
            "for=192.0.2.1:80",
            "for=somebody",
            "for=_",
            "for=300.0.2.1",
            "for=\"192.0.2.1:port\"",
        ] {
            assert_eq!(names(line), None, "{line}");
        }
    }
}
