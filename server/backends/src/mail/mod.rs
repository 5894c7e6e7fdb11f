//! Mail: one way out, chosen by configuration.

mod folder;
mod message;
mod smtp;

use std::{fmt, path::PathBuf};

use chrono::{DateTime, Utc};
use portreeve_config::{Mailbox, Smtp};

use crate::Random;

/// A dialogue with a server takes this many times as long as one step of it at most.
pub const STEPS: u32 = 6;

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
    /// The server was reached, and did not come to an end.
    #[error("the SMTP server has not answered within {0:?}")]
    Silent(std::time::Duration),
    /// The server was reached and does not accept mail from us.
    #[error("the SMTP server does not answer as it should")]
    Unwell,
}

impl Error {
    /// Whether trying again is pointless: the message itself is at fault, or the server refused for good and said that its recipient is why. Whatever else
    /// it refuses, such as us, our sender's address or our network, the operator can mend, and no mail should be lost until then.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Address(_) | Self::Message(_) => true,
            Self::Smtp(error) => error.is_permanent() && speaks_of_the_recipient(&error.to_string()),
            Self::Folder { .. } | Self::Unwell | Self::Silent(_) => false,
        }
    }
}

/// By an enhanced status code of addresses or mailboxes (RFC 3463 §3.2, §3.3). 5.1.7 and 5.1.8 are of the sender's.
fn speaks_of_the_recipient(answer: &str) -> bool {
    let codes = answer.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    codes.map(|code| code.split('.').collect::<Vec<_>>()).any(|code| match code[..] {
        ["5", "1", detail] => !matches!(detail, "7" | "8" | "9"),
        ["5", "2", _] => true,
        _ => false,
    })
}

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
    use super::{speaks_of_the_recipient, without_addresses};

    #[test]
    fn only_of_recipients_a_refusal_is_for_good() {
        for answer in ["permanent error (550): 5.1.1 <ada@example.org>: unknown", "(552) 5.2.2 full", "550-5.1.10 no such"] {
            assert!(speaks_of_the_recipient(answer), "{answer}");
        }
        for answer in
            ["permanent error (554): 5.7.1 blocked", "(553) 5.1.8 sender", "(550) no", "(550) 5.1 at 10.5.1.1.7", "(535) 5.7.8 who"]
        {
            assert!(!speaks_of_the_recipient(answer), "{answer}");
        }
    }

    #[test]
    fn an_answer_is_told_without_addresses() {
        assert_eq!(without_addresses("2.0.0 Ok: queued as 4F2A"), "2.0.0 Ok: queued as 4F2A");
        assert_eq!(
            without_addresses("5.1.1 <ada@example.org>: Recipient address rejected; ask postmaster@example.org"),
            "5.1.1 <an address> Recipient address rejected; ask <an address>"
        );
    }
}
