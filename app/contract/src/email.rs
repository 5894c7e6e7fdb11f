//! E-mail addresses.

use serde::{Deserialize, Serialize};

use crate::FieldError;

/// Bytes, RFC 5321 §4.5.3.1.3 less the angle brackets.
pub const MAX_BYTES: usize = 254;

/// An address that mail can be sent to (RFC 5321, RFC 6531), as its owner wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Reads an address from the field `email`; surrounding white space is dropped.
    ///
    /// # Errors
    /// Anything but `local@domain`: display names, comments, address literals and quoted local parts are refused, because they
    /// are never what a person means and make one mailbox look like many.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldError::new("email", "required", "Enter your email address."));
        }
        let malformed = || FieldError::new("email", "malformed", "Enter an address like name@example.org.");
        let options = email_address::Options::default().without_display_text().without_domain_literal().with_required_tld();
        let parsed = email_address::EmailAddress::parse_with_options(text, options).map_err(|_| malformed())?;
        let odd = |c: char| {
            c.is_control() || c.is_whitespace() || crate::name::is_deceptive(c) || matches!(c, '"' | '(' | ')' | '<' | '>' | ',' | ';')
        };
        if text.len() > MAX_BYTES || text.chars().any(odd) || !is_domain(parsed.domain()) {
            return Err(malformed());
        }
        Ok(Self(text.to_owned()))
    }

    /// As its owner wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is unique: mailboxes differ by more than case in no system that people use.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// Labels of letters, digits and inner hyphens, 63 bytes each at most (RFC 1035 §2.3.1, RFC 5890 for letters beyond ASCII).
fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || !c.is_ascii())
    })
}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_read() {
        for text in [
            "ada@example.org",
            " ada@example.org ",
            "a.b+c@mail.example.co.uk",
            "o'neil@example.ie",
            "用户@例子.广告",
            "x@xn--bcher-kva.example",
        ] {
            assert_eq!(Email::parse(text).expect(text).as_str(), text.trim());
        }
    }

    #[test]
    fn odd_shapes_are_refused() {
        let long_local = format!("{}@example.org", "a".repeat(65));
        let long = format!("a@{}.org", "b.".repeat(130));
        for text in [
            "",
            " ",
            "ada",
            "@example.org",
            "ada@",
            "ada@@example.org",
            "ada@localhost",
            "ada@exa mple.org",
            "a da@example.org",
            "ada@-example.org",
            "ada@example..org",
            ".ada@example.org",
            "Ada <ada@example.org>",
            "ada@[127.0.0.1]",
            "\"a b\"@example.org",
            "ada(x)@example.org",
            "ada@example.org\r\nBcc: x@example.org",
            "ada@example.org,b@example.org",
            "a\u{202e}da@example.org",
            "a\0@example.org",
            &long_local,
            &long,
        ] {
            assert!(Email::parse(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn case_makes_no_second_account() {
        assert_eq!(Email::parse("Ada@Example.ORG").unwrap().key(), "ada@example.org");
    }

    proptest::proptest! {
        #[test]
        fn what_is_accepted_is_one_header_safe_line(text in "\\PC{0,80}|[a-z0-9.@+\\r\\n\\t\"<> -]{0,40}") {
            if let Ok(email) = Email::parse(&text) {
                proptest::prop_assert!(email.as_str().len() <= MAX_BYTES);
                proptest::prop_assert!(!email.as_str().contains(|c: char| c.is_control() || c.is_whitespace()));
                proptest::prop_assert_eq!(&Email::parse(email.as_str()).unwrap(), &email);
            }
        }

        #[test]
        fn an_ordinary_address_is_accepted_and_its_case_makes_no_second_account(
            local in "[a-z0-9]([a-z0-9._+-]{0,20}[a-z0-9])?",
            domain in "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?",
            tld in "[a-z]{2,10}",
        ) {
            proptest::prop_assume!(!local.contains(".."));
            let address = format!("{local}@{domain}.{tld}");
            let (lower, upper) = (Email::parse(&address), Email::parse(&address.to_uppercase()));
            proptest::prop_assert_eq!(lower.unwrap().key(), upper.unwrap().key());
        }
    }
}
