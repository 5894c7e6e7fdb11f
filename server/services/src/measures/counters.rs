//! What the services count since the process started.

use std::time::Duration;

use prometheus_client::{
    metrics::{counter::Counter, family::Family, info::Info},
    registry::{Registry, Unit},
};

use super::{latency::Latency, numbers::Numbers};
use crate::auth::{Error as AuthError, SignedIn};

/// One label; all its values are ours, so that there are few.
type Label = [(&'static str, &'static str); 1];

/// What comes of signing in.
const SIGN_INS: [&str; 6] = ["success", "invalid_credentials", "disabled", "email_unverified", "throttled", "failed"];
/// What comes of sending a mail.
const MAILS: [&str; 3] = ["sent", "postponed", "given_up"];

/// Each is one number in memory: counting costs a few nanoseconds.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// All requests, whatever their route.
    latency: Latency,
    errors: Counter,
    sign_ins: Family<Label, Counter>,
    mails: Family<Label, Counter>,
    pub(crate) token_hits: Counter,
    pub(crate) token_misses: Counter,
    uploads: Counter,
    upload_bytes: Counter,
    pub(crate) files_stored: Counter,
}

impl Counters {
    pub(super) fn served(&self, took: Duration, status: u16) {
        self.latency.observe(took);
        if status >= 500 {
            self.errors.inc();
        }
    }

    pub(crate) fn signed_in(&self, result: &Result<SignedIn, AuthError>) {
        let outcome = match result {
            Ok(_) => "success",
            Err(AuthError::InvalidCredentials | AuthError::InvalidOrUnverified) => "invalid_credentials",
            Err(AuthError::Disabled) => "disabled",
            Err(AuthError::EmailUnverified) => "email_unverified",
            Err(AuthError::Throttled(_)) => "throttled",
            Err(_) => "failed",
        };
        self.sign_ins.get_or_create(&[("outcome", outcome)]).inc();
    }

    pub(crate) fn uploaded(&self, bytes: u64) {
        self.uploads.inc();
        self.upload_bytes.inc_by(bytes);
    }

    /// `outcome` is one of [`MAILS`].
    pub(crate) fn mail(&self, outcome: &'static str) {
        self.mails.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// So far.
    pub(super) fn numbers(&self, lag: Option<u64>) -> Numbers {
        let sign_ins = SIGN_INS.map(|outcome| self.sign_ins.get_or_create(&[("outcome", outcome)]).get());
        Numbers {
            latency: self.latency.counts(),
            errors: self.errors.get(),
            sign_ins: sign_ins[0],
            refused_sign_ins: sign_ins[1..].iter().sum(),
            uploads: self.uploads.get(),
            upload_bytes: self.upload_bytes.get(),
            lag,
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        // There from the first scrape on, so that a first refusal is a rise and not a beginning.
        for outcome in SIGN_INS {
            drop(self.sign_ins.get_or_create(&[("outcome", outcome)]));
        }
        for outcome in MAILS {
            drop(self.mails.get_or_create(&[("outcome", outcome)]));
        }
        registry.register("portreeve_build", "Which release this is", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        registry.register("portreeve_sign_ins", "Tries to sign in with a password, by what came of them", self.sign_ins.clone());
        registry.register("portreeve_token_cache_hits", "Access tokens that had been verified before", self.token_hits.clone());
        registry.register("portreeve_token_cache_misses", "Access tokens whose signature was checked", self.token_misses.clone());
        registry.register("portreeve_uploads_accepted", "Files that were accepted", self.uploads.clone());
        let bytes = "Bytes of the files that were accepted";
        registry.register_with_unit("portreeve_uploads_accepted", bytes, Unit::Bytes, self.upload_bytes.clone());
        registry.register("portreeve_files_stored", "Files that this process moved to the object store", self.files_stored.clone());
        registry.register("portreeve_mails", "Mails that this process tried to send, by what came of it", self.mails.clone());
    }
}
