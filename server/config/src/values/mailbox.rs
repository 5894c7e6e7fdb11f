//! Whom a mail is from.

use crate::read::{Leaf, Raw};

/// An e-mail address with the name beside it, such as `Portreeve <portreeve@example.org>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// What people see.
    pub name: Option<String>,
    /// `local@domain`; a domain without a dot is fine here, unlike in an account's address.
    pub address: String,
}

impl std::fmt::Display for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => f.write_str(&self.address),
        }
    }
}

fn parse(text: &str) -> Option<Mailbox> {
    let text = text.trim();
    if text.contains(char::is_control) {
        return None;
    }
    let (name, address) = match text.strip_suffix('>') {
        Some(text) => text.split_once('<').map(|(name, address)| (name.trim().trim_matches('"'), address))?,
        None => ("", text),
    };
    let (local, domain) = address.split_once('@')?;
    let odd = |part: &str| part.is_empty() || part.contains(|c: char| c.is_whitespace() || "<>()[]\",;:\\@".contains(c));
    if odd(local) || odd(domain) || name.contains(['<', '>']) {
        return None;
    }
    Some(Mailbox { name: (!name.is_empty()).then(|| name.to_owned()), address: address.to_owned() })
}

impl Leaf for Mailbox {
    const WANT: &'static str = "a sender such as \"Portreeve <portreeve@example.org>\" or \"portreeve@example.org\"";

    fn parse(raw: &Raw) -> Option<Self> {
        parse(raw.text()?)
    }

    fn to_toml(&self) -> toml::Value {
        self.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_read() {
        let with_name = parse("Portreeve <portreeve@localhost>").expect("a sender");
        assert_eq!((with_name.name.as_deref(), with_name.address.as_str()), (Some("Portreeve"), "portreeve@localhost"));
        assert_eq!(parse("\"Quay, the\" <a@b.example>").expect("a sender").name.as_deref(), Some("Quay, the"));
        assert_eq!(parse("a@b.example").expect("a sender").name, None);
    }

    #[test]
    fn what_is_no_sender_is_refused() {
        for text in ["", "Portreeve", "a@", "@b", "a@b@c", "A <a@b", "a@b\r\nBcc: c@d", "A <B <a@b>>", "a b@c", "a@b, c@d"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
