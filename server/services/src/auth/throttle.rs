//! How often passwords may be tried and mails asked for.
//!
//! A stranger's guesses alone never lock an account: a device that signed in before carries a token of its own and has a bucket of its own
//! (OWASP “device cookies”), so that emptying the bucket of unknown devices shuts out unknown devices only.

use std::{net::IpAddr, time::Duration};

use portreeve_backends::{
    Clock,
    limits::{Limiter, Rate, network},
};
use portreeve_contract::{ShareId, UserId};

use super::Error;
use crate::{Origin, Throttle, core::Core, keys::Ring, tokens::sha256};

/// What tries are counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Account {
    /// Any device that never signed in to it; by hash, so that names of accounts are not kept in memory.
    Strangers([u8; 32]),
    /// One that did.
    Device([u8; 32]),
}

#[derive(Debug)]
pub(crate) struct Throttles {
    account: Limiter<Account>,
    address: Limiter<IpAddr>,
    sign_up: Limiter<IpAddr>,
    mails: Limiter<[u8; 32]>,
}

impl Throttles {
    pub(crate) fn new(rates: Option<&Throttle>, clock: &Clock) -> Self {
        fn limiter<K: std::hash::Hash + Eq + Clone>(rate: Option<Rate>, clock: &Clock) -> Limiter<K> {
            rate.map_or(Limiter::Unlimited {}, |rate| Limiter::memory(rate, clock.clone()))
        }
        Self {
            account: limiter(rates.map(|rates| rates.account), clock),
            address: limiter(rates.map(|rates| rates.address), clock),
            sign_up: limiter(rates.map(|rates| rates.sign_up), clock),
            mails: limiter(rates.map(|rates| rates.mails), clock),
        }
    }

    /// Counts a password tried for an address of e-mail that may have no account.
    pub(super) fn password(&self, core: &Core, from: &Origin, email_key: &str) -> Result<(), Error> {
        self.address.check(&network(from.address)).map_err(Error::Throttled)?;
        let account = match from.device.as_deref().filter(|token| is_device_of(&core.ring, token, email_key)) {
            Some(token) => Account::Device(sha256(token.as_bytes())),
            None => Account::Strangers(sha256(email_key.as_bytes())),
        };
        self.account.check(&account).map_err(Error::Throttled)
    }

    /// Counts the current password tried by someone signed in.
    pub(crate) fn confirmation(&self, user: UserId) -> Result<(), Duration> {
        self.account.check(&Account::Device(sha256(user.0.as_bytes())))
    }

    /// Counts a password tried on a shared link.
    pub(crate) fn shared_link(&self, from: &Origin, share: ShareId) -> Result<(), Duration> {
        self.address.check(&network(from.address))?;
        self.account.check(&Account::Strangers(sha256(share.0.as_bytes())))
    }

    pub(super) fn sign_up(&self, from: &Origin) -> Result<(), Error> {
        self.sign_up.check(&network(from.address)).map_err(Error::Throttled)
    }

    /// Counts a mail asked for by a stranger.
    pub(super) fn mail_from(&self, from: &Origin, email_key: &str) -> Result<(), Error> {
        self.address.check(&network(from.address)).map_err(Error::Throttled)?;
        self.mail_to(email_key).map_err(Error::Throttled)
    }

    /// Counts a link tried. There is nothing to guess in 256 bits; this only keeps trying from being free.
    pub(super) fn link(&self, from: &Origin) -> Result<(), Error> {
        self.address.check(&network(from.address)).map_err(Error::Throttled)
    }

    /// Counts a mail to an address.
    pub(crate) fn mail_to(&self, email_key: &str) -> Result<(), Duration> {
        self.mails.check(&sha256(email_key.as_bytes()))
    }

    pub(crate) fn forget_idle(&self) {
        self.account.forget_idle();
        self.address.forget_idle();
        self.sign_up.forget_idle();
        self.mails.forget_idle();
    }
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
