//! Accepting connections.
//!
//! `axum::serve` sets neither `TCP_NODELAY`, without which streamed pages and files wait 40 ms for the peer's delayed acknowledgement, nor a timer
//! for clients that never finish their headers; so this is hyper's own server with both.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use http::Request;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Bytes that are read from a connection at once at most; a request's headers have to fit in. hyper's own is 400 KiB, of which an upload would keep several.
const READ_AT_ONCE: usize = 128 * 1024;

/// Bounds of connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time to send a request's headers, and between requests.
    pub header_timeout: Duration,
    /// Connections at the same time; more wait to be accepted.
    pub connections: usize,
    /// Time for what is in flight when told to stop.
    pub shutdown_grace: Duration,
}

/// Listens on an address.
///
/// # Errors
/// With what to do about it, when the port is in use or may not be used.
pub async fn bind(address: SocketAddr, setting: &str) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => format!("another program listens there; stop it, or set `{setting}` to another port"),
            io::ErrorKind::PermissionDenied => format!("ports below 1024 want privileges; set `{setting}` to a higher one"),
            io::ErrorKind::AddrNotAvailable => format!("this machine does not have that address; set `{setting}` to one it has"),
            _ => error.to_string(),
        };
        io::Error::new(error.kind(), format!("cannot listen on {address}: {advice}"))
    })
}

/// Serves until told to stop, then lets what is in flight finish.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(limits.header_timeout).max_buf_size(READ_AT_ONCE);
    server.http2().timer(TokioTimer::new()).keep_alive_interval(Some(limits.header_timeout)).max_concurrent_streams(100);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections));

    loop {
        let Ok(place) = places.clone().acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or the client was gone already; either passes.
                tracing::warn!(%error, "accepting a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let connection = graceful.watch(server.serve_connection_with_upgrades(prepare(stream), service(router.clone(), peer)).into_owned());
        tokio::spawn(async move {
            // The other end's errors are not ours.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.shutdown_grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(grace = ?limits.shutdown_grace, "requests were still running and are cut off");
    }
}

fn prepare(stream: TcpStream) -> TokioIo<TcpStream> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "setting TCP_NODELAY");
    }
    TokioIo::new(stream)
}

/// The router, told where the connection comes from.
fn service(
    router: Router,
    peer: SocketAddr,
) -> TowerToHyperService<
    impl tower::Service<Request<Incoming>, Response = axum::response::Response, Error = std::convert::Infallible, Future: Send> + Clone + Send,
> {
    TowerToHyperService::new(router.map_request(move |request: Request<Incoming>| {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    }))
}
