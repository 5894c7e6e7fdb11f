//! Mails, written: a subject, a plain text and an HTML part. Pure; queueing and sending are [`crate::notifications`].

mod envelope;
mod words;

use askama::Template as _;
use chrono::{DateTime, Utc};
use url::Url;

use self::words::{clean, greeted, isolated, lasting, moment};

/// What a mail says. Names and addresses are taken as they are stored; they are made harmless here.
#[derive(Clone, Debug)]
pub(crate) enum Template {
    /// To a new account: is this address yours?
    VerifyEmail { name: String, url: String, hours: u64 },
    /// To the new address: is it yours?
    ChangeEmail { name: String, url: String, new_email: String, hours: u64 },
    /// To the old address, after the change.
    EmailChanged { name: String, new_email: String },
    /// A link that sets a new password.
    ResetPassword { name: String, url: String, minutes: u64 },
    /// After the change.
    PasswordChanged { name: String },
    /// A key for machines was made.
    ApiKeyCreated { name: String },
    /// Someone tried to make an account with an address that has one.
    AccountExists { name: String },
    /// A refresh token was used twice.
    SessionReuse { name: String, device: String },
    /// The account will be erased; signing in keeps it.
    DeletionScheduled { name: String, erase_at: DateTime<Utc> },
    /// It will not: its owner signed in.
    DeletionCancelled { name: String },
}

/// A mail, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    /// One line.
    pub(crate) subject: String,
    /// Lines of 76 columns, but for addresses of pages, which are never broken.
    pub(crate) text: String,
    /// A document of its own that loads nothing.
    pub(crate) html: String,
}

#[derive(askama::Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    mail: &'a Template,
    site: &'a str,
    name: Option<&'a str>,
    subject: &'a str,
    preheader: &'a str,
    reason: &'a str,
}

impl Html<'_> {
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }
}

#[derive(askama::Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    mail: &'a Template,
    site: &'a str,
    name: Option<&'a str>,
    subject: &'a str,
    reason: &'a str,
}

/// Writes a mail. Every link in it begins with `site`, the public URL.
pub(crate) fn render(mail: &Template, site: &Url) -> Result<Rendered, askama::Error> {
    let site = site.as_str().trim_end_matches('/');
    let name = greeted(mail.name());
    let name = name.as_deref();
    let (subject, preheader, reason) = (mail.subject(), mail.preheader(), mail.reason());
    let html = Html { mail, site, name, subject, preheader, reason }.render()?;
    let text = words::wrap(&Text { mail, site, name, subject, reason }.render()?);
    Ok(Rendered { subject: subject.to_owned(), text, html })
}

#[cfg(test)]
mod tests;
