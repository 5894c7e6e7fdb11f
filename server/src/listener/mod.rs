//! Accepting connections.
//!
//! `axum::serve` sets neither `TCP_NODELAY`, without which streamed pages and files wait 40 ms for the peer's delayed acknowledgement, nor a timer
//! for clients that never finish their headers; so this is hyper's own server with both, and with an end to every other kind of waiting.

mod answer;
mod io;
mod linger;
mod places;
pub mod redirect;
pub mod tls;
mod watch;

use std::{
    convert::Infallible,
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{Request, Response, StatusCode};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
};
use ipnet::IpNet;
use portreeve_config::Public;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use self::{
    answer::Answer,
    io::Watched,
    places::{Place, Places},
    watch::{Patience, Watch},
};

/// Bytes that are read from a connection at once at most; a request's headers have to fit in. hyper's own is 400 KiB, of which an upload would keep several.
const READ_AT_ONCE: usize = 128 * 1024;

/// Bounds of connections.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Time to send a request's headers; with HTTP/1.1 also between requests.
    pub header_timeout: Duration,
    /// Time between requests.
    pub idle_timeout: Duration,
    /// Time that an answer waits to be read.
    pub write_timeout: Duration,
    /// Bytes of it that are read a second at least.
    pub write_rate: u64,
    /// Bytes of a request's headers.
    pub header_bytes: u32,
    /// Connections at the same time; more wait to be accepted.
    pub connections: usize,
    /// Connections of one address; more are closed.
    pub connections_per_address: usize,
    /// Whose connections are not counted so.
    pub trusted_proxies: Vec<IpNet>,
    /// Time for what is in flight when told to stop.
    pub shutdown_grace: Duration,
}

impl Limits {
    /// The operator's.
    pub fn of(public: &Public) -> Self {
        Self {
            header_timeout: public.header_timeout,
            idle_timeout: public.idle_timeout,
            write_timeout: public.write_timeout,
            write_rate: public.write_rate.bytes(),
            header_bytes: u32::try_from(public.max_header_bytes.bytes()).unwrap_or(u32::MAX),
            connections: public.connections,
            connections_per_address: public.connections_per_address,
            trusted_proxies: public.trusted_proxies.clone(),
            shutdown_grace: public.shutdown_grace,
        }
    }
}

/// Listens on an address.
///
/// # Errors
/// With what to do about it, when the port is in use or may not be used.
pub async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => format!("another program listens there; stop it, or set `{setting}` to another port"),
            ErrorKind::PermissionDenied => format!("ports below 1024 want privileges; set `{setting}` to a higher one"),
            ErrorKind::AddrNotAvailable => format!("this machine does not have that address; set `{setting}` to one it has"),
            _ => error.to_string(),
        };
        Error::new(error.kind(), format!("cannot listen on {address}: {advice}"))
    })
}

/// Serves until told to stop, then lets what is in flight finish. With `tls` over that alone.
pub async fn serve(listener: TcpListener, router: Router, tls: Option<TlsAcceptor>, limits: Limits, stop: CancellationToken) {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(limits.header_timeout).max_buf_size(READ_AT_ONCE);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(limits.header_timeout))
        .max_concurrent_streams(100)
        .max_header_list_size(limits.header_bytes);
    let server = Server { http, router, tls, patience: limits.patience(), stop: stop.clone() };
    let graceful = GracefulShutdown::new();
    let places = Places::new(limits.connections, limits.connections_per_address, limits.trusted_proxies);

    loop {
        let accepted = tokio::select! {
            accepted = async { (places.free().await, listener.accept().await) } => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            (place, Ok((stream, peer))) => {
                if let Some(place) = places.take(place, peer.ip()) {
                    tokio::spawn(server.clone().attend(stream, peer, place, graceful.watcher()));
                } else {
                    tracing::debug!(address = %peer.ip(), "one address has as many connections as it may");
                }
            }
            (_, Err(error)) => {
                // Out of file descriptors, or the client was gone already; either passes.
                tracing::warn!(%error, "accepting a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(limits.shutdown_grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(grace = ?limits.shutdown_grace, "requests were still running and are cut off");
    }
}

impl Limits {
    fn patience(&self) -> Patience {
        Patience { first: self.header_timeout, next: self.idle_timeout, write: self.write_timeout, rate: self.write_rate }
    }
}

/// What a connection is served with.
#[derive(Clone)]
struct Server {
    http: auto::Builder<TokioExecutor>,
    router: Router,
    tls: Option<TlsAcceptor>,
    patience: Patience,
    stop: CancellationToken,
}

impl Server {
    /// Serves one connection, for as long as it does not make us wait for too long.
    async fn attend(self, stream: TcpStream, peer: SocketAddr, place: Place, graceful: Watcher) {
        let watch = Watch::new(self.patience);
        let stream = Watched::new(stream, watch.clone(), place);
        let conversation = async {
            match &self.tls {
                None => self.converse(stream, peer, &watch, graceful).await,
                Some(acceptor) => {
                    let agreed = tokio::select! {
                        agreed = acceptor.accept(stream) => agreed,
                        () = self.stop.cancelled() => return,
                    };
                    match agreed {
                        // It has seen the certificate, and nothing else is said (RFC 8737 §3).
                        Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(tls::ACME_TLS) => {
                            tracing::debug!("somebody validated that a name is served here");
                        }
                        Ok(stream) => self.converse(stream, peer, &watch, graceful).await,
                        Err(error) => tracing::debug!(%error, "no TLS with this client"),
                    }
                }
            }
        };
        tokio::select! {
            () = conversation => {}
            () = watch.overdue() => tracing::debug!("a connection made us wait for too long"),
        }
    }

    async fn converse(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: SocketAddr,
        watch: &Watch,
        graceful: Watcher,
    ) {
        let service = service_fn(|request| answer(self.router.clone(), request, peer, watch));
        if let Err(error) = graceful.watch(self.http.serve_connection_with_upgrades(TokioIo::new(stream), service)).await {
            // The other end's errors are not ours.
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// What the router says, told where the connection comes from.
fn answer(
    router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    watch: &Watch,
) -> impl Future<Output = std::result::Result<Response<Answer>, Infallible>> + use<> {
    let busy = watch.begin();
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let watch = watch.clone();
    async move {
        let response = router.oneshot(request).await?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            watch.upgraded();
        }
        Ok(response.map(|body| Answer::new(body, busy)))
    }
}
