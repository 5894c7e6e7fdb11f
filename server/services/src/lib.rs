//! The rules: who may sign in, what a session is, what an administrator may do. No HTTP, no SQL text.

pub mod api_keys;
pub mod auth;
mod caller;
mod core;
pub mod events;
mod fault;
pub mod files;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod idempotency;
pub mod keys;
mod list;
mod mails;
pub mod measures;
pub mod notifications;
pub mod passwords;
pub mod service_accounts;
pub mod sessions;
mod settings;
pub mod stream;
pub mod tokens;
pub mod users;

use std::{ops::Deref, sync::Arc};

use portreeve_database::idempotency_key;
use tokio_util::sync::CancellationToken;

pub use self::{
    caller::{Caller, Credential, Origin},
    core::Parts,
    fault::Fault,
    list::MalformedCursor,
    settings::{Accounts, Mails, Settings, Throttle, Tokens},
};
use crate::core::Core;

/// Every service over one database; clones are the same ones.
#[derive(Clone, Debug)]
pub struct Services(Arc<All>);

/// What there is.
#[derive(Debug)]
#[non_exhaustive]
pub struct All {
    /// Signing up, in and out; links; what a token is worth.
    pub auth: auth::Auth,
    /// Accounts: one's own, and everyone's for administrators.
    pub users: users::Users,
    /// Identities of machines, for administrators.
    pub service_accounts: service_accounts::ServiceAccounts,
    /// Where a person is signed in.
    pub sessions: sessions::Sessions,
    /// Keys for machines.
    pub api_keys: api_keys::ApiKeys,
    /// Signing keys.
    pub keys: keys::Keys,
    /// Files.
    pub files: files::Files,
    /// The stream, for administrators.
    pub streams: stream::Streams,
    /// Mails.
    pub notifications: notifications::Notifications,
    /// What is counted.
    pub measures: measures::Measures,
    core: Arc<Core>,
}

impl Deref for Services {
    type Target = All;

    fn deref(&self) -> &All {
        &self.0
    }
}

impl Services {
    /// Puts the services together. Makes the keys that are missing.
    ///
    /// # Errors
    /// The database's, or a master key that does not fit it.
    pub async fn open(parts: Parts) -> Result<Self, Fault> {
        let core = Arc::new(Core::open(parts).await?);
        Ok(Self(Arc::new(All {
            auth: auth::Auth::new(core.clone()),
            users: users::Users::new(core.clone()),
            service_accounts: service_accounts::ServiceAccounts::new(core.clone()),
            sessions: sessions::Sessions::new(core.clone()),
            api_keys: api_keys::ApiKeys::new(core.clone()),
            keys: keys::Keys::new(core.clone()),
            files: files::Files::new(core.clone()),
            streams: stream::Streams::new(core.clone()),
            notifications: notifications::Notifications::new(core.clone()),
            measures: measures::Measures::new(core.clone()),
            core,
        })))
    }

    /// What pages need to know about this installation.
    pub fn site(&self) -> portreeve_contract::site::Site {
        portreeve_contract::site::Site {
            password_min: self.core.settings.passwords.min_length,
            verification_required: self.core.settings.accounts.verification_required,
            insecure: false,
        }
    }

    /// Where requests and tries are counted.
    pub fn limits(&self) -> &portreeve_backends::limits::Limits {
        &self.core.limits
    }

    /// The database that the services stand on.
    pub fn database(&self) -> &portreeve_database::Database {
        &self.core.database
    }

    /// The stream, for consumers and operators.
    pub fn stream(&self) -> &portreeve_backends::stream::Stream {
        &self.core.stream
    }

    /// Tells watchers what happens, until told to stop.
    pub async fn run_tail(&self, stop: CancellationToken) {
        self.core.tail.run(stop).await;
    }

    /// Hears of changes that other processes make to accounts, sessions and keys, so that those who call can be remembered, until told to stop. Where
    /// they are not to be, nothing is remembered.
    pub async fn hear_of_changes(&self, stop: CancellationToken) {
        if self.core.settings.tokens.cache_callers {
            tokio::select! {
                () = self.core.standings.follow() => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// To be called before anybody is served, by a process that is the only one to serve people: nobody waits for what another was at when it ended.
    pub async fn begin_alone(&self) -> Result<(), Fault> {
        let released = self.core.database.write(async move |transaction| Ok::<_, Fault>(idempotency_key::release_all(&transaction).await?));
        released.await
    }

    /// How things stand with those who call, for metrics.
    pub fn standings(&self) -> &portreeve_database::Standings {
        &self.core.standings
    }

    /// What each process that serves people has to do for itself about once a minute: forgets idle throttles, and learns the signing keys that
    /// others made, which must be published here before they sign elsewhere.
    pub async fn tidy_up(&self) -> Result<(), Fault> {
        self.core.limits.forget_idle();
        self.keys.reload().await
    }

    /// What is due by the clock: forgets what expired, erases accounts whose time has come, rotates keys, writes down who was seen.
    /// To be called about once a minute, by one process or by many.
    pub async fn housekeep(&self) -> Result<(), Fault> {
        self.sessions.flush_seen().await?;
        self.sessions.forget_expired().await?;
        self.users.erase_due().await?;
        self.files.housekeep().await?;
        self.measures.forget_old().await?;
        let settings = &self.core.settings;
        self.core.stream.forget(self.core.now() - core::delta(settings.event_lifetime), settings.event_count).await?;
        self.keys.rotate_if_due().await
    }
}
