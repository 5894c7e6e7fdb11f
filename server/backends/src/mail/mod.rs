//! Mail: one way out, chosen by configuration.

mod folder;
mod message;
mod smtp;

use std::{fmt, path::PathBuf};

use chrono::{DateTime, Utc};
use portreeve_config::{Mailbox, Smtp};

use crate::Random;

/// A mail to one person.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Address.
    pub to: String,
    /// What to call the person.
    pub to_name: Option<String>,
    /// One line.
    pub subject: String,
    /// For readers of plain text.
    pub text: String,
    /// For the others.
    pub html: String,
}

/// Where a mail went.
#[derive(Clone, Debug)]
pub enum Delivered {
    /// Into this file.
    File(PathBuf),
    /// To a server, which said this.
    Accepted(String),
}

impl fmt::Display for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Accepted(answer) => f.write_str(&without_addresses(answer)),
        }
    }
}

/// Why a mail did not go out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address that no mail can be addressed to.
    #[error("not an address: {0}")]
    Address(#[from] lettre::address::AddressError),
    /// The message cannot be built.
    #[error("the message cannot be built: {0}")]
    Message(#[from] lettre::error::Error),
    /// The folder cannot be written.
    #[error("the folder {} cannot be written: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The server refused, or was not reached.
    #[error("SMTP: {}", without_addresses(&.0.to_string()))]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// The server was reached and does not accept mail from us.
    #[error("the SMTP server does not answer as it should")]
    Unwell,
}

impl Error {
    /// Whether trying again is pointless: the message itself is at fault, or the server said so (a 5xx reply). That it does not let us in is
    /// not for good: the operator can mend it, and no mail should be lost until then.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Address(_) | Self::Message(_) => true,
            Self::Smtp(error) => error.is_permanent() && !error.status().is_some_and(|code| NOT_LET_IN.contains(&code.into())),
            Self::Folder { .. } | Self::Unwell => false,
        }
    }
}

/// Replies that speak of the sender's credentials and not of the mail (RFC 4954 §6).
const NOT_LET_IN: [u16; 4] = [530, 534, 535, 538];

/// Servers repeat addresses in their answers, and the log holds none.
fn without_addresses(answer: &str) -> String {
    let words = answer.split(' ').map(|word| if word.contains('@') { "<an address>" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// The way out.
#[derive(Debug)]
pub enum Mailer {
    /// One `.eml` file a mail, for development and for whoever has another program that sends them.
    Folder(folder::Folder),
    /// A server.
    Smtp(Box<smtp::Smtp>),
}

impl Mailer {
    /// Mails as files.
    pub fn folder(path: PathBuf, from: &Mailbox, random: Random) -> Result<Self, Error> {
        Ok(Self::Folder(folder::Folder::new(path, message::mailbox(from)?, random)))
    }

    /// Mails to a server. Connects when there is something to send.
    pub fn smtp(config: &Smtp, from: &Mailbox) -> Result<Self, Error> {
        Ok(Self::Smtp(Box::new(smtp::Smtp::new(config, message::mailbox(from)?)?)))
    }

    /// Sends one mail. Once this is `Ok`, it is in the file or with the server for good.
    pub async fn send(&self, mail: &Mail, now: DateTime<Utc>) -> Result<Delivered, Error> {
        match self {
            Self::Folder(folder) => folder.send(mail, now).await,
            Self::Smtp(smtp) => smtp.send(mail, now).await,
        }
    }

    /// Whether mails could go out now.
    pub async fn check(&self) -> Result<(), Error> {
        match self {
            Self::Folder(folder) => folder.check().await,
            Self::Smtp(smtp) => smtp.check().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::without_addresses;

    #[test]
    fn an_answer_is_told_without_addresses() {
        assert_eq!(without_addresses("2.0.0 Ok: queued as 4F2A"), "2.0.0 Ok: queued as 4F2A");
        assert_eq!(
            without_addresses("5.1.1 <ada@example.org>: Recipient address rejected; ask postmaster@example.org"),
            "5.1.1 <an address> Recipient address rejected; ask <an address>"
        );
    }
}
