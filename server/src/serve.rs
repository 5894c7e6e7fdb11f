//! Running everything in one process.

use std::{fs::File, net::SocketAddr, path::PathBuf};

use portreeve_backends::{Clock, Random};
use portreeve_config::{Config, Database as DatabaseConfig};
use portreeve_services::Services;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    http,
    listener::{self, Limits},
    state::{self, StartError},
    worker,
};

/// Connections at the same time on the public listener.
const CONNECTIONS: usize = 10_000;

/// Why serving did not begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something it stands on.
    #[error(transparent)]
    Start(#[from] StartError),
    /// An address.
    #[error("{0}")]
    Listen(std::io::Error),
    /// Another process serves the same file.
    #[error("another `portreeve serve` uses the database in {}. Stop it first, or set `data.path` to another folder", .0.display())]
    AlreadyServed(PathBuf),
    /// Making the first link.
    #[error(transparent)]
    Setup(#[from] portreeve_services::auth::Error),
}

/// A server whose listeners are open.
#[derive(Debug)]
pub struct Server {
    /// The services.
    pub services: Services,
    /// Where people are served.
    pub public: SocketAddr,
    /// Where the operator is served.
    pub internal: SocketAddr,
    /// Shown to whoever holds the terminal; `None` once there are users.
    pub setup: Option<url::Url>,
    config: Config,
    listeners: (TcpListener, TcpListener),
    mailer: portreeve_backends::mail::Mailer,
    lock: Option<File>,
}

impl Server {
    /// Opens everything.
    ///
    /// # Errors
    /// Any of [`Error`], with nothing left open.
    pub async fn open(mut config: Config, clock: Clock, random: Random) -> Result<Self, Error> {
        state::prepare_data(&config)?;
        // Before the database: a second process must not even migrate it.
        let lock = lock(&config)?;
        let public = listener::bind(config.public.listen, "public.listen").await.map_err(Error::Listen)?;
        let internal = listener::bind(config.internal.listen, "internal.listen").await.map_err(Error::Listen)?;
        let (public_address, internal_address) =
            (public.local_addr().map_err(Error::Listen)?, internal.local_addr().map_err(Error::Listen)?);
        // “Any free port” is known only now, and links must name it.
        if config.public.listen.port() == 0 && config.public_url.port() == Some(0) {
            let _ = config.public_url.set_port(Some(public_address.port()));
        }
        let database = state::open(&config).await?;
        let services = state::services(&config, database, clock, random).await?;
        let mailer = state::mailer(&config)?;
        let setup = services.auth.offer_setup().await?;
        Ok(Self {
            services,
            public: public_address,
            internal: internal_address,
            setup,
            listeners: (public, internal),
            mailer,
            lock,
            config,
        })
    }

    /// Where people reach it.
    pub fn public_url(&self) -> &url::Url {
        &self.config.public_url
    }

    /// Serves until told to stop; then lets what is in flight finish, and closes the database.
    pub async fn run(self, stop: CancellationToken) {
        warn_of_plain_http(&self.config);
        let limits = Limits {
            header_timeout: self.config.public.header_timeout,
            connections: CONNECTIONS,
            shutdown_grace: self.config.public.shutdown_grace,
        };
        let working = CancellationToken::new();
        let tasks = worker::start(&self.services, self.mailer, &working);
        let (public, internal) = self.listeners;
        let mut listeners = JoinSet::new();
        listeners.spawn(listener::serve(public, http::public(&self.services, state::gateway(&self.config)), limits, stop.clone()));
        listeners.spawn(listener::serve(internal, http::internal(&self.services), Limits { connections: 100, ..limits }, stop));
        listeners.join_all().await;
        // Only now: the last requests may have queued mails.
        working.cancel();
        tasks.join_all().await;
        self.services.database().clone().close().await;
        drop(self.lock);
    }
}

/// One process serves a SQLite file; the other commands may work beside it.
fn lock(config: &Config) -> Result<Option<File>, Error> {
    if !matches!(config.database, DatabaseConfig::Sqlite(_)) {
        return Ok(None);
    }
    let path = config.data_path(std::path::Path::new("serve.lock"));
    let failed = |source| StartError::Data { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::AlreadyServed(config.data.path.clone())),
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error).into()),
    }
}

fn warn_of_plain_http(config: &Config) {
    if config.public_url.scheme() == "http" && !config.public.listen.ip().is_loopback() {
        tracing::warn!(
            "served over plain HTTP to other machines, where signing in cannot work: browsers keep the refresh token's cookie, which is marked Secure, \
             over HTTPS only. Put a TLS-terminating proxy in front and set `public_url` to its https:// address"
        );
    }
}
