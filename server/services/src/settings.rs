//! What the rules leave to the operator, already checked.

use std::{collections::BTreeSet, time::Duration};

use portreeve_backends::limits::Rate;
use url::Url;

use crate::{files, passwords};

/// All of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach this installation: `iss` of tokens, and the beginning of every link in a mail.
    pub public_url: Url,
    /// Accounts.
    pub accounts: Accounts,
    /// Tokens.
    pub tokens: Tokens,
    /// Passwords.
    pub passwords: passwords::Settings,
    /// Throttling; `None` for tests and benchmarks that measure something else.
    pub throttle: Option<Throttle>,
    /// The names of the plans that a key can have.
    pub plans: BTreeSet<String>,
    /// Age at which a signing key is replaced.
    pub key_rotation: Duration,
    /// Mails.
    pub mails: Mails,
    /// Files.
    pub files: files::Settings,
    /// Work that is done beside requests.
    pub worker: files::WorkerSettings,
    /// How long events are kept.
    pub event_lifetime: Duration,
    /// And how many.
    pub event_count: u64,
}

/// Rules of accounts.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// Whether strangers may make accounts.
    pub sign_up_open: bool,
    /// Whether an address must be verified before its account can be used.
    pub verification_required: bool,
    /// Between asking for an account's end and its erasure.
    pub deletion_delay: Duration,
    /// Life of a link that verifies an address.
    pub verification_lifetime: Duration,
    /// Life of a link that sets a new password.
    pub reset_lifetime: Duration,
    /// Life of the link that makes the first administrator.
    pub setup_lifetime: Duration,
}

/// Lifetimes.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Of an access token.
    pub access_lifetime: Duration,
    /// Of a session, however much it is used.
    pub refresh_lifetime: Duration,
    /// Of a session that is not used.
    pub refresh_idle: Duration,
    /// How long after a rotation the same predecessor is answered with the same successor whatever was seen.
    pub reuse_grace: Duration,
    /// Whether a caller's session and account are remembered for as long as every change of them is heard of.
    pub cache_callers: bool,
}

/// Token buckets.
#[derive(Clone, Debug)]
pub struct Throttle {
    /// Password tries per account, from all devices together that it never signed in from; and apart from them, per known device.
    pub account: Rate,
    /// Password tries per network address.
    pub address: Rate,
    /// Accounts made per network address.
    pub sign_up: Rate,
    /// Mails asked for per account or address of e-mail.
    pub mails: Rate,
}

/// How mails are sent.
#[derive(Clone, Debug)]
pub struct Mails {
    /// Time for one try.
    pub timeout: Duration,
}
