//! WebSockets (RFC 6455): bytes both ways, once both ends have agreed.

use std::time::Duration;

use axum::extract::Request;
use http::{HeaderMap, HeaderValue, Method, Version, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::io::InspectReader;

use portreeve_services::{Caller, Credential, auth};

use super::endpoint::Lease;
use crate::Gateway;

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// How often it is looked whether whoever opened one may still have it.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Whoever opened one, as they were let in.
pub(super) struct Admitted {
    pub(super) gateway: Gateway,
    pub(super) caller: Caller,
    /// The key for machines that they came with, if they did.
    pub(super) key: Option<String>,
}

/// The client's connection, once it is free of HTTP.
#[derive(Debug)]
pub(super) struct Client(OnUpgrade);

/// The connection of a request that asks for a WebSocket. Other protocols are not tunnelled: what goes through could not be bounded.
pub(super) fn take(request: &mut Request) -> Option<Client> {
    let headers = request.headers();
    let is_websocket = headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(WEBSOCKET.as_bytes()));
    let mut named = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(','));
    let asks = request.version() == Version::HTTP_11
        && request.method() == Method::GET
        && is_websocket
        && named.any(|name| name.trim().eq_ignore_ascii_case("upgrade"));
    asks.then(|| Client(hyper::upgrade::on(request)))
}

/// Writes what asks for it, or agrees to it.
pub(super) fn ask(headers: &mut HeaderMap) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, WEBSOCKET);
}

impl Client {
    /// Lets both ends talk, until one of them closes, both are silent for `idle`, or their session or key is ended.
    pub(super) fn join(self, upstream: OnUpgrade, lease: Lease, idle: Duration, admitted: Option<Admitted>) {
        tokio::spawn(async move {
            let (client, upstream) = match tokio::try_join!(self.0, upstream) {
                Ok(both) => both,
                Err(error) => return tracing::debug!(%error, "a WebSocket was not taken over"),
            };
            let moved_at = Mutex::new(Instant::now());
            let note = |_: &[u8]| *moved_at.lock() = Instant::now();
            let mut client = InspectReader::new(TokioIo::new(client), note);
            let mut upstream = InspectReader::new(TokioIo::new(upstream), note);
            tokio::select! {
                // Either end's errors are not ours.
                _ = tokio::io::copy_bidirectional(&mut client, &mut upstream) => {}
                () = silence(&moved_at, idle) => {}
                () = ended(admitted) => {}
            }
            drop(lease);
        });
    }
}

/// Never, for those whom everybody lets in.
async fn ended(admitted: Option<Admitted>) {
    let Some(admitted) = admitted else { return std::future::pending().await };
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if admitted.is_over().await {
            return;
        }
    }
}

impl Admitted {
    /// A token's own end is none: it is renewed, and nothing of that comes over this connection. Nor is a database that is away for a moment.
    async fn is_over(&self) -> bool {
        let (services, caller) = (&self.gateway.services, &self.caller);
        match (&caller.credential, &self.key) {
            (Credential::Session(id), _) => matches!(services.auth.goes_on(caller.user, *id).await, Ok(false)),
            (Credential::ApiKey { .. }, Some(key)) => {
                let found = services.api_keys.authenticate(caller.origin.clone(), key).await;
                matches!(found, Err(auth::Error::InvalidToken))
            }
            (Credential::ApiKey { .. }, None) => true,
        }
    }
}

async fn silence(moved_at: &Mutex<Instant>, idle: Duration) {
    loop {
        let until = *moved_at.lock() + idle;
        if until <= Instant::now() {
            return;
        }
        tokio::time::sleep_until(until).await;
    }
}
