//! WebSockets (RFC 6455): bytes both ways, once both ends have agreed.

use std::time::Duration;

use axum::extract::Request;
use http::{HeaderMap, HeaderValue, Method, Version, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::io::InspectReader;

use super::{admitted::Admitted, endpoint::Lease};

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

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
    match admitted {
        Some(admitted) => admitted.ended().await,
        None => std::future::pending().await,
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
