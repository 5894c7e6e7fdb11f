//! A mail as a message (RFC 5322): plain text and HTML side by side.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use portreeve_config::Mailbox as ConfiguredMailbox;

use super::{Error, Mail};

/// Nobody's machine should answer this (RFC 3834 §5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

pub(super) fn mailbox(configured: &ConfiguredMailbox) -> Result<Mailbox, Error> {
    Ok(Mailbox::new(configured.name.clone(), configured.address.parse()?))
}

/// Builds the message. `lettre` encodes names and subjects, so nothing in them can begin a header of its own.
pub(super) fn build(from: &Mailbox, mail: &Mail, now: DateTime<Utc>) -> Result<Message, Error> {
    let to: Address = mail.to.parse()?;
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now.timestamp()).unwrap_or_default());
    Ok(Message::builder()
        .from(from.clone())
        .to(Mailbox::new(mail.to_name.clone(), to))
        .subject(&mail.subject)
        .date(date)
        .message_id(None)
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))?)
}
