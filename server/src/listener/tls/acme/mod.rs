//! A certificate that an authority gives by itself (ACME, RFC 8555).
//!
//! `instant-acme` speaks the protocol, over the HTTP and TLS that are linked already; `rustls-acme` would bring a second runtime and client. That the names
//! are ours is shown on the public listener itself (tls-alpn-01, RFC 8737), so that no port beside it has to be open.

mod challenge;
mod client;
mod order;
mod store;

use std::{path::Path, sync::Arc, time::Duration};

use parking_lot::RwLock;
use portreeve_backends::Clock;
use portreeve_config::TlsAcme;
use rustls::{server::ClientHello, sign::CertifiedKey};

pub use self::client::Error as TrustError;
use self::{challenge::Challenges, client::Client, order::Order, store::Store};
use super::{Shown, Validity};

/// How often it is asked whether the certificate is due.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// The pause after a first failure. Let's Encrypt takes five failed validations an hour.
const FIRST_PAUSE: Duration = Duration::from_mins(2);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// Why no certificate of an authority can be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The place where account and certificate are kept.
    #[error("{} cannot be {what}: {source}", path.display())]
    Folder {
        /// Where.
        path: std::path::PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// Whom to trust as the authority.
    #[error(transparent)]
    Trust(#[from] TrustError),
}

#[derive(Debug)]
pub(super) struct Acme {
    settings: TlsAcme,
    store: Store,
    client: Client,
    clock: Clock,
    shown: RwLock<Option<Shown>>,
    challenges: Challenges,
}

/// What is kept, with nothing made.
pub(super) fn inspect(settings: &TlsAcme, folder: &Path) -> Result<Option<Validity>, Error> {
    Client::open(settings)?;
    Ok(Store::of(folder, &settings.directory).certificate()?.map(|shown| shown.validity))
}

impl Acme {
    /// With the certificate that was given before, if there is one.
    pub(super) fn open(settings: &TlsAcme, folder: &Path, clock: Clock) -> Result<Self, Error> {
        let client = Client::open(settings)?;
        let store = Store::of(folder, &settings.directory);
        store.prepare()?;
        let shown = store.certificate()?;
        if let Some(shown) = &shown {
            tracing::info!(names = ?shown.names, until = %shown.validity.until, "the certificate that was kept is shown");
        } else {
            tracing::warn!("there is no certificate yet: TLS is refused until the authority has given one");
        }
        Ok(Self { settings: settings.clone(), store, client, clock, shown: RwLock::new(shown), challenges: Challenges::default() })
    }

    /// Orders a certificate whenever one is due. One that is shown is shown on until then, also when the authority is away.
    pub(super) async fn follow(&self) {
        let mut failures = 0;
        loop {
            if self.is_due() {
                // It is large, and needed every few weeks.
                failures = if Box::pin(self.renew()).await { 0 } else { failures + 1 };
                if failures > 0 {
                    tracing::info!(pause = ?pause(failures), "after a pause a certificate is ordered again");
                }
            }
            tokio::time::sleep(pause(failures)).await;
        }
    }

    pub(super) fn validity(&self) -> Option<Validity> {
        self.shown.read().as_ref().map(|shown| shown.validity)
    }

    pub(super) fn resolve(&self, hello: &ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if challenge::is_asked(hello) {
            return self.challenges.answer(hello.server_name()?);
        }
        self.shown.read().as_ref().map(|shown| shown.key.clone())
    }

    /// Whether there is none, one that is not for all names, or one with no more than a third of its time left.
    fn is_due(&self) -> bool {
        let shown = self.shown.read();
        let Some(Shown { validity, names, .. }) = &*shown else { return true };
        // Some authorities add names by themselves.
        let is_for_all = self.settings.domains.iter().all(|domain| names.contains(domain));
        !is_for_all || self.clock.now() >= validity.until - (validity.until - validity.from) / 3
    }

    /// Whether that was of use.
    async fn renew(&self) -> bool {
        let (domains, directory) = (&self.settings.domains, self.settings.directory.as_str());
        tracing::info!(?domains, directory, "ordering a certificate");
        let order = Order { settings: &self.settings, store: &self.store, client: &self.client, challenges: &self.challenges };
        match order.place().await {
            Ok(shown) => {
                tracing::info!(?domains, until = %shown.validity.until, "the authority has given a certificate, which is shown from now on");
                *self.shown.write() = Some(shown);
            }
            Err(error) => {
                let is_shown = self.shown.read().is_some();
                tracing::warn!(%error, ?domains, directory, is_shown, "no certificate was given");
                return false;
            }
        }
        if self.is_due() {
            // Or an authority with a wrong clock would be asked again and again.
            tracing::warn!("the certificate that was given is due already: the clock of this machine, or the authority's, is wrong");
            return false;
        }
        true
    }
}

fn pause(failures: u32) -> Duration {
    match failures {
        0 => LOOK_EVERY,
        failures => FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures - 1)).min(LONGEST_PAUSE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_that_refuses_is_asked_ever_more_seldom() {
        let minutes = |failures| pause(failures).as_secs() / 60;
        assert_eq!([1, 2, 3, 4, 5, 6, 7, u32::MAX].map(minutes), [2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(pause(0), LOOK_EVERY);
    }
}
