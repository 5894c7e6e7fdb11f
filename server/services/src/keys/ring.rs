//! Every key that is open in this process.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::{Mutex, RwLock};
use portreeve_backends::{Clock, Random};
use portreeve_database::{Database, is_unique_violation, secret, signing_key};
use sea_orm::ConnectionTrait;
use zeroize::Zeroizing;

use super::{MasterKey, SigningKey, envelope::Envelope};
use crate::Fault;

/// Reloading because of a `kid` that nobody knows costs a query: forged tokens must not cost more.
const RELOAD_AT_MOST_EVERY: TimeDelta = TimeDelta::seconds(1);

/// The open keys.
pub(crate) struct Ring {
    database: Database,
    envelope: Envelope,
    refresh: hmac::Key,
    signing: RwLock<Vec<Arc<SigningKey>>>,
    reloaded_at: Mutex<DateTime<Utc>>,
    /// Of what a key signs: how long it must stay published after its last signature.
    pub(super) access_lifetime: Duration,
}

impl Ring {
    /// Opens what is there and makes what is missing.
    pub(crate) async fn open(
        database: &Database,
        clock: &Clock,
        random: &Random,
        master: &MasterKey,
        access_lifetime: Duration,
    ) -> Result<Self, Fault> {
        let now = clock.now();
        let data_key = open_secret(database, &Envelope::new(&master.0)?, random, now, "data-key").await?;
        let envelope = Envelope::new(&data_key)?;
        let refresh = open_secret(database, &envelope, random, now, "refresh").await?;
        if signing_key::find_published(database.reader(), now).await?.is_empty() {
            let first = SigningKey::generate(random, &envelope, now, now)?;
            database.write(async move |transaction| signing_key::insert(&transaction, first).await).await?;
        }
        let ring = Self {
            database: database.clone(),
            envelope,
            refresh: hmac::Key::new(hmac::HMAC_SHA256, refresh.as_slice()),
            signing: RwLock::default(),
            reloaded_at: Mutex::new(now),
            access_lifetime,
        };
        ring.reload(database.reader(), now).await?;
        Ok(ring)
    }

    /// Reads the signing keys again.
    pub(crate) async fn reload(&self, db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), Fault> {
        let rows = signing_key::find_published(db, now).await?;
        let keys: Result<Vec<_>, _> = rows.into_iter().map(|row| SigningKey::open(&self.envelope, row).map(Arc::new)).collect();
        *self.signing.write() = keys?;
        Ok(())
    }

    /// The key that signs at `now`.
    pub(crate) fn signing(&self, now: DateTime<Utc>) -> Option<Arc<SigningKey>> {
        self.signing.read().iter().rev().find(|key| key.signs_from <= now).cloned()
    }

    /// The key that a token names, if it is published; looks into the database for one that another process made.
    pub(crate) async fn find(&self, kid: &str, now: DateTime<Utc>) -> Result<Option<Arc<SigningKey>>, Fault> {
        let known = || self.signing.read().iter().find(|key| key.kid == kid && key.retires_at.is_none_or(|at| at > now)).cloned();
        if let Some(key) = known() {
            return Ok(Some(key));
        }
        {
            let mut reloaded_at = self.reloaded_at.lock();
            if now - *reloaded_at < RELOAD_AT_MOST_EVERY {
                return Ok(None);
            }
            *reloaded_at = now;
        }
        self.reload(self.database.reader(), now).await?;
        Ok(known())
    }

    /// Every published key.
    pub(crate) fn published(&self) -> Vec<Arc<SigningKey>> {
        self.signing.read().clone()
    }

    pub(super) fn generate(
        &self,
        random: &Random,
        now: DateTime<Utc>,
        signs_from: DateTime<Utc>,
    ) -> Result<signing_key::SigningKey, Fault> {
        SigningKey::generate(random, &self.envelope, now, signs_from)
    }

    /// HMAC-SHA256 under the sealed refresh key. `purpose` keeps one use from standing in for another.
    pub(crate) fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.refresh);
        context.update(purpose.as_bytes());
        for part in parts {
            // Lengths in front, so that no two lists of parts run together into the same bytes.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut mac = [0; 32];
        mac.copy_from_slice(context.sign().as_ref());
        mac
    }
}

/// The secret of that name; makes it if it is missing. Of two processes that do so at once one wins, and both use its secret.
async fn open_secret(
    database: &Database,
    envelope: &Envelope,
    random: &Random,
    now: DateTime<Utc>,
    name: &str,
) -> Result<Zeroizing<[u8; 32]>, Fault> {
    if secret::find(database.reader(), name).await?.is_none() {
        let fresh: Zeroizing<[u8; 32]> = Zeroizing::new(random.bytes());
        let row = secret::Secret { name: name.to_owned(), sealed: envelope.seal(random, name, fresh.as_slice())?, created_at: now };
        match database.write(async move |transaction| secret::insert(&transaction, row).await).await {
            Err(error) if !is_unique_violation(&error) => return Err(error.into()),
            _ => {}
        }
    }
    let row = secret::find(database.reader(), name).await?.ok_or_else(|| Fault::Sealed(name.to_owned()))?;
    let opened = envelope.open(name, &row.sealed)?;
    <[u8; 32]>::try_from(opened.as_slice()).map(Zeroizing::new).map_err(|_| Fault::Sealed(name.to_owned()))
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ring").field("signing", &self.signing.read()).finish_non_exhaustive()
    }
}
