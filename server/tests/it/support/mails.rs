//! The mails that were sent, read back by a real parser.

use std::time::{Duration, Instant};

use mail_parser::MessageParser;

use super::TestApp;

/// A mail that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Received {
    /// The token of the link to `page` in it.
    #[track_caller]
    pub(crate) fn token(&self, page: &str) -> String {
        let link =
            self.text.split_whitespace().find(|word| word.contains(page)).unwrap_or_else(|| panic!("no link to {page} in {}", self.text));
        let (_, token) = link.split_once("token=").unwrap_or_else(|| panic!("no token in {link}"));
        token.to_owned()
    }
}

impl TestApp {
    /// Every mail so far, the oldest first.
    pub(crate) fn mails(&self) -> Vec<Received> {
        let mut files: Vec<_> = std::fs::read_dir(self.mail_folder()).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        files.sort_by_key(|path| path.metadata().and_then(|metadata| metadata.modified()).ok());
        files.iter().map(|path| read(&std::fs::read(path).expect("a mail"))).collect()
    }

    /// The newest mail to that address whose subject contains `subject`; waits for it.
    pub(crate) async fn mail(&self, to: &str, subject: &str) -> Received {
        let give_up = Instant::now() + Duration::from_secs(20);
        loop {
            let mails = self.mails();
            if let Some(found) = mails.iter().rev().find(|mail| mail.to.eq_ignore_ascii_case(to) && mail.subject.contains(subject)) {
                return found.clone();
            }
            assert!(
                Instant::now() < give_up,
                "no mail “{subject}” to {to} among {:?}",
                mails.iter().map(|mail| (&mail.to, &mail.subject)).collect::<Vec<_>>()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The token of the link to `page` in the newest mail to that address that has one; waits for it.
    pub(crate) async fn link_to(&self, to: &str, page: &str) -> String {
        let give_up = Instant::now() + Duration::from_secs(20);
        loop {
            let found = self.mails().into_iter().rev().find(|mail| mail.to == to && mail.text.contains(page));
            if let Some(mail) = found {
                return mail.token(page);
            }
            assert!(Instant::now() < give_up, "no mail to {to} leads to {page}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until nothing is queued any more.
    pub(crate) async fn all_mail_sent(&self) {
        let give_up = Instant::now() + Duration::from_secs(20);
        while portreeve_database::mail::count(self.services.database().reader()).await.expect("a count") > 0 {
            assert!(Instant::now() < give_up, "mails wait and are not sent");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A message as a mail program reads it.
pub(crate) fn read(bytes: &[u8]) -> Received {
    let message = MessageParser::default().parse(bytes).expect("a message");
    Received {
        to: message.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default().to_owned(),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        html: message.body_html(0).unwrap_or_default().into_owned(),
    }
}
