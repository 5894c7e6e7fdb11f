use std::path::PathBuf;
use std::time::Duration;

use crate::read::{Bound, Conflict, kinds, settings, words};
use crate::values::{MINUTE, Mailbox, SECOND, Secret, within};

kinds! {
    /// Which way mails leave.
    pub enum Mail {
        /// Nowhere: one file a mail, for development and for a first look.
        "folder" => Folder,
        /// By a mail server.
        "smtp" => Smtp,
    }
}

settings! {
    /// One `.eml` file a mail.
    pub struct Folder {
        /// Relative to `data.path`.
        path: PathBuf = "mail".into(),
    }
}

settings! {
    /// A mail server that takes mails for anybody (RFC 6409).
    pub struct Smtp {
        /// Its name, which its certificate must carry.
        host: String => Bound::new(|host: &String| url::Host::parse(host).is_ok(), "a name such as smtp.example.org, without scheme and port"),
        /// Usually 465 with implicit TLS and 587 with STARTTLS.
        port: u16 = 465 => within(1..=u16::MAX),
        /// How the connection is secured.
        tls: Tls = Tls::Implicit,
        /// For servers that ask who is sending.
        username: Option<String>,
        /// Of that user.
        password: Option<Secret>,
        /// For each step of the dialogue.
        timeout: Duration = 10 * SECOND => within(SECOND..=5 * MINUTE),
    }
    check = both_or_none;
}

words! {
    /// How a connection to a mail server is secured.
    pub enum Tls {
        /// From the first byte (RFC 8314).
        "implicit" => Implicit,
        /// By STARTTLS, without which nothing is sent (RFC 3207).
        "starttls" => Starttls,
        /// Not at all: only for a server on this machine or in a network of one's own.
        "none" => None,
    }
}

settings! {
    /// What all mails have in common.
    pub struct Mailer {
        /// Whom mails are from.
        from: Mailbox,
    }
}

fn both_or_none(smtp: &Smtp) -> Result<(), Conflict> {
    match (&smtp.username, &smtp.password) {
        (Some(_), None) => Err((&["username"], "mail.username is given without mail.password. Give both, or neither.".to_owned())),
        (None, Some(_)) => {
            Err((&["password", "password_file"], "mail.password is given without mail.username. Give both, or neither.".to_owned()))
        }
        _ => Ok(()),
    }
}
