//! Which of an upstream's addresses gets a request, and which are there at all.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use http::{HeaderValue, Request, Uri, header, uri::Authority};
use parking_lot::RwLock;
use portreeve_config::Upstream as Settings;
use tokio::{sync::Mutex, time::Instant};
use tower::retry::budget::{Budget, TpsBudget};
use url::Url;

use super::{
    connections::{self, Connections},
    endpoint::{Endpoint, Lease},
    tls::{self, Connector, Error},
};

/// Within this time a fifth of the requests can be sent again, and one a second in any case.
const BUDGET: Duration = Duration::from_secs(10);

/// How often requests that find no address ask for some.
const AT_ONCE: Duration = Duration::from_secs(1);

/// A target as it is written, and how to get there.
#[derive(Debug)]
struct Target {
    url: Url,
    origin: Uri,
    host: HeaderValue,
    connector: Connector,
}

/// All addresses of all targets.
#[derive(Debug)]
pub(super) struct Balance {
    settings: Settings,
    targets: Vec<Target>,
    endpoints: RwLock<Arc<[Arc<Endpoint>]>>,
    /// One looks names up at a time. When that was last done.
    looked_up_at: Mutex<Option<Instant>>,
    /// Where the search begins, so that all are asked that are equally busy.
    next: AtomicUsize,
    budget: TpsBudget,
}

impl Balance {
    /// Looks after the targets for as long as anybody holds what this gives.
    pub(super) fn start(settings: &Settings) -> Result<Arc<Self>, Error> {
        let config = tls::config(settings)?;
        let target = |url: &Url| {
            let origin = Uri::try_from(url.origin().ascii_serialization()).map_err(|_| Error::Target(url.clone()))?;
            let host = origin.authority().and_then(|authority| HeaderValue::try_from(authority.as_str()).ok());
            Ok(Target {
                host: host.ok_or_else(|| Error::Target(url.clone()))?,
                origin,
                connector: tls::connector(settings, &config, url)?,
                url: url.clone(),
            })
        };
        let balance = Arc::new(Self {
            targets: settings.targets.iter().map(target).collect::<Result<_, Error>>()?,
            settings: settings.clone(),
            endpoints: RwLock::new([].into()),
            looked_up_at: Mutex::new(None),
            next: AtomicUsize::new(0),
            budget: TpsBudget::new(BUDGET, 1, 0.2),
        });
        tokio::spawn(keep_addresses(Arc::downgrade(&balance), settings.resolve_interval));
        tokio::spawn(keep_sweeping(Arc::downgrade(&balance)));
        Ok(balance)
    }

    /// A place at the least busy address that is well and was not tried before. `None` if there is none.
    pub(super) async fn pick(&self, tried: &[Arc<Endpoint>]) -> Option<Lease> {
        let mut endpoints = self.endpoints.read().clone();
        if endpoints.is_empty() {
            self.look_up(Some(AT_ONCE)).await;
            endpoints = self.endpoints.read().clone();
        }
        let now = Instant::now();
        let from = self.next.fetch_add(1, Ordering::Relaxed);
        let mut refused: Vec<usize> = Vec::new();
        loop {
            let fits = |at: &usize| {
                let endpoint = &endpoints[*at];
                !refused.contains(at) && endpoint.is_open_to(now) && !tried.iter().any(|tried| Arc::ptr_eq(tried, endpoint))
            };
            let around = (0..endpoints.len()).map(|step| (from + step) % endpoints.len());
            let best = around.filter(fits).min_by_key(|at| endpoints[*at].active())?;
            match endpoints[best].take(now) {
                Some(lease) => return Some(lease),
                // Another request was the first to try it after its rest.
                None => refused.push(best),
            }
        }
    }

    /// All addresses, as they are now.
    pub(super) fn endpoints(&self) -> Arc<[Arc<Endpoint>]> {
        self.endpoints.read().clone()
    }

    /// Counts a request, which gives a fifth of another try.
    pub(super) fn deposit(&self) {
        self.budget.deposit();
    }

    /// Whether one more try is in the budget.
    pub(super) fn may_retry(&self) -> bool {
        self.budget.withdraw()
    }

    /// Asks for the addresses of all targets, unless that was done within `pause`. Those that stay keep what is known of them; a name that is not found keeps its addresses.
    async fn look_up(&self, pause: Option<Duration>) {
        let mut looked_up_at = self.looked_up_at.lock().await;
        if pause.is_some_and(|pause| looked_up_at.is_some_and(|at| at.elapsed() < pause)) {
            return;
        }
        let known = self.endpoints.read().clone();
        let mut found: Vec<Arc<Endpoint>> = Vec::new();
        for target in &self.targets {
            let of_target = known.iter().filter(|endpoint| endpoint.origin == target.origin);
            match target.addresses().await {
                Ok(addresses) => found.extend(addresses.into_iter().filter_map(|address| {
                    let authority = Authority::try_from(address.to_string()).ok()?;
                    let same = of_target.clone().find(|endpoint| endpoint.authority == authority);
                    same.cloned().or_else(|| target.endpoint(authority, &self.settings))
                })),
                Err(error) => {
                    tracing::warn!(upstream = self.settings.name, target = %target.url, %error, "the target's name is not found");
                    found.extend(of_target.cloned());
                }
            }
        }
        known.iter().filter(|known| !found.iter().any(|found| Arc::ptr_eq(found, known))).for_each(|gone| gone.dismiss());
        *self.endpoints.write() = found.into();
        *looked_up_at = Some(Instant::now());
    }
}

impl Target {
    /// Each once, in an order that does not change.
    async fn addresses(&self) -> std::io::Result<Vec<SocketAddr>> {
        let port = self.url.port_or_known_default().unwrap_or(80);
        let host = self.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let mut all: Vec<_> = tokio::net::lookup_host((host, port)).await?.collect();
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    fn endpoint(&self, authority: Authority, settings: &Settings) -> Option<Arc<Endpoint>> {
        let scheme = self.origin.scheme_str()?;
        let origin = Uri::builder().scheme(scheme).authority(authority.clone()).path_and_query("/").build().ok()?;
        let connections = Connections::new(self.connector.clone(), origin);
        let endpoint = Endpoint::new(self.origin.clone(), authority, self.host.clone(), connections, settings.failures, settings.recovery);
        let endpoint = Arc::new(endpoint);
        if let Some(path) = &settings.health_path {
            tokio::spawn(keep_checking(Arc::downgrade(&endpoint), path.clone(), settings.health_interval, settings.timeout));
        }
        Some(endpoint)
    }
}

/// Until nobody holds it any more.
async fn keep_addresses(balance: Weak<Balance>, every: Duration) {
    while let Some(balance) = balance.upgrade() {
        balance.look_up(None).await;
        drop(balance);
        tokio::time::sleep(every).await;
    }
}

/// Until it is gone. Each by itself: one that hangs must not hold up what is known of the others.
async fn keep_checking(endpoint: Weak<Endpoint>, path: String, every: Duration, timeout: Duration) {
    while let Some(endpoint) = endpoint.upgrade().filter(|endpoint| !endpoint.is_gone()) {
        endpoint.checked(is_well(&endpoint, &path, timeout).await);
        drop(endpoint);
        tokio::time::sleep(every).await;
    }
}

/// Until nobody holds it any more.
async fn keep_sweeping(balance: Weak<Balance>) {
    while let Some(balance) = balance.upgrade() {
        balance.endpoints().iter().for_each(|endpoint| endpoint.connections.sweep());
        drop(balance);
        tokio::time::sleep(connections::IDLE / 2).await;
    }
}

async fn is_well(endpoint: &Endpoint, path: &str, timeout: Duration) -> bool {
    let Ok(request) = Request::get(path).header(header::HOST, endpoint.host.clone()).body(Body::empty()) else { return false };
    match tokio::time::timeout(timeout, endpoint.connections.ask(request)).await {
        Ok(Ok((_, response))) => response.status().is_success(),
        _ => false,
    }
}
