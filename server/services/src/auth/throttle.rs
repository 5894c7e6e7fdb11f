//! How often passwords may be tried and mails asked for.
//!
//! A stranger's guesses alone never lock an account: a device that signed in before carries a token of its own and has a bucket of its own
//! (OWASP “device cookies”), so that emptying the bucket of unknown devices shuts out unknown devices only.

use std::{sync::Arc, time::Duration};

use portreeve_backends::limits::{Kind, Limits, Subject, Take};
use portreeve_contract::{ShareId, UserId};

use super::Error;
use crate::{Origin, Throttle, core::Core, keys::Ring, tokens::sha256};

#[derive(Debug)]
pub(crate) struct Throttles {
    rates: Option<Throttle>,
    limits: Arc<Limits>,
}

impl Throttles {
    pub(crate) fn new(rates: Option<Throttle>, limits: Arc<Limits>) -> Self {
        Self { rates, limits }
    }

    /// Counts a password tried for an address of e-mail that may have no account.
    pub(super) async fn password(&self, core: &Core, from: &Origin, email_key: &str) -> Result<(), Error> {
        let on = match from.device.as_deref().filter(|token| is_device_of(&core.ring, token, email_key)) {
            Some(token) => device(token.as_bytes()),
            None => strangers(email_key.as_bytes()),
        };
        self.take(|rates| [tries_from(rates, from), Take::one(on, rates.account)]).await.map_err(Error::Throttled)
    }

    /// Counts the current password tried by someone signed in.
    pub(crate) async fn confirmation(&self, user: UserId) -> Result<(), Duration> {
        self.take(|rates| [Take::one(device(user.0.as_bytes()), rates.account)]).await
    }

    /// Counts a password tried on a shared link.
    pub(crate) async fn shared_link(&self, from: &Origin, share: ShareId) -> Result<(), Duration> {
        self.take(|rates| [tries_from(rates, from), Take::one(strangers(share.0.as_bytes()), rates.account)]).await
    }

    pub(super) async fn sign_up(&self, from: &Origin) -> Result<(), Error> {
        let subject = Subject::network(Kind::SignUp, from.address);
        self.take(|rates| [Take::one(subject, rates.sign_up)]).await.map_err(Error::Throttled)
    }

    /// Counts a mail asked for by a stranger.
    pub(super) async fn mail_from(&self, from: &Origin, email_key: &str) -> Result<(), Error> {
        self.take(|rates| [tries_from(rates, from), mail_to(rates, email_key)]).await.map_err(Error::Throttled)
    }

    /// Counts what a stranger tries without an account or a link: a sign-up takes work before it is known whether it can be one. Nor is there anything to guess in a
    /// link's 256 bits; this only keeps trying from being free.
    pub(super) async fn tried(&self, from: &Origin) -> Result<(), Error> {
        self.take(|rates| [tries_from(rates, from)]).await.map_err(Error::Throttled)
    }

    /// Counts a mail to an address.
    pub(crate) async fn mail_to(&self, email_key: &str) -> Result<(), Duration> {
        self.take(|rates| [mail_to(rates, email_key)]).await
    }

    async fn take<const N: usize>(&self, takes: impl FnOnce(&Throttle) -> [Take; N]) -> Result<(), Duration> {
        let Some(rates) = &self.rates else { return Ok(()) };
        let takes = takes(rates);
        match self.limits.take(&takes).await.wait() {
            Some(wait) => Err(wait),
            None => Ok(()),
        }
    }
}

/// Whatever is tried from an address, whichever the account.
fn tries_from(rates: &Throttle, from: &Origin) -> Take {
    Take::one(Subject::network(Kind::TriesFrom, from.address), rates.address)
}

fn mail_to(rates: &Throttle, email_key: &str) -> Take {
    Take::one(Subject::hash(Kind::Mail, &sha256(email_key.as_bytes())), rates.mails)
}

/// Any device that never signed in to it; by hash, so that names of accounts are not kept in memory.
fn strangers(account: &[u8]) -> Subject {
    Subject::hash(Kind::TriesOn, &sha256(&[&b"strangers"[..], account].concat()))
}

/// One that did.
fn device(token: &[u8]) -> Subject {
    Subject::hash(Kind::TriesOn, &sha256(&[&b"device"[..], token].concat()))
}

/// A token that proves that this device signed in to this account: a nonce and its tag, in hexadecimal.
pub(super) fn device_token(core: &Core, from: &Origin, email_key: &str) -> String {
    match &from.device {
        Some(token) if is_device_of(&core.ring, token, email_key) => token.clone(),
        _ => {
            let nonce = uuid::Uuid::from_bytes(core.random.bytes());
            format!("{}{}", nonce.simple(), device_tag(&core.ring, nonce, email_key).simple())
        }
    }
}

fn is_device_of(ring: &Ring, token: &str, email_key: &str) -> bool {
    let halves = token.split_at_checked(32).and_then(|(nonce, tag)| Some((uuid::Uuid::try_parse(nonce).ok()?, tag)));
    halves.is_some_and(|(nonce, tag)| {
        let expected = device_tag(ring, nonce, email_key).simple().to_string();
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), tag.as_bytes()).is_ok()
    })
}

fn device_tag(ring: &Ring, nonce: uuid::Uuid, email_key: &str) -> uuid::Uuid {
    let mac = ring.mac("device", &[nonce.as_bytes(), email_key.as_bytes()]);
    let mut tag = [0; 16];
    tag.copy_from_slice(&mac[..16]);
    uuid::Uuid::from_bytes(tag)
}
