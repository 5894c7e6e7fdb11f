//! Connections to one address of a target, kept open between requests.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{BoxError, body::Body};
use http::{Request, Response, Uri};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::{client::pool::cache, rt::TokioExecutor};
use parking_lot::Mutex;
use tokio::time::Instant;
use tower::{
    Service, ServiceExt,
    util::{BoxCloneSyncService, BoxService},
};

use super::tls::Connector;

/// How much of a head is read at most, as of a client's.
const HEAD: usize = 128 * 1024;
/// How long a connection that nobody uses is kept.
pub(super) const IDLE: Duration = Duration::from_mins(1);
/// How many of them.
const IDLE_CONNECTIONS: usize = 64;

/// A connection of which nobody else asks anything until it is dropped, which gives it back.
pub(super) type Connection = BoxService<Request<Body>, Response<Incoming>, Broken>;

/// All of them. The library's types have no names.
pub(super) struct Connections {
    lend: BoxCloneSyncService<(), Connection, BoxError>,
    sweep: Mutex<Box<dyn FnMut() + Send>>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// There is no connection, so that nothing was sent.
    Unreachable(BoxError),
    /// Something may have been sent.
    Failed(hyper::Error),
}

impl Connections {
    /// To the server at this origin.
    pub(super) fn new(connector: Connector, origin: Uri) -> Self {
        let to = Arc::new((connector, origin));
        let connect = tower::service_fn(move |()| Box::pin(connect(to.clone())));
        let cache = cache::builder().executor(TokioExecutor::new()).build(connect);
        let mut swept = cache.clone();
        let sweep = move || {
            let mut kept = 0;
            swept.retain(|connection| {
                kept += usize::from(connection.is_fresh());
                connection.is_fresh() && kept <= IDLE_CONNECTIONS
            });
        };
        Self { lend: BoxCloneSyncService::new(cache.map_response(BoxService::new)), sweep: Mutex::new(Box::new(sweep)) }
    }

    /// Asks over whichever connection is free first, one from before or a new one, which is busy for as long as what comes with the answer is held.
    pub(super) async fn ask(&self, mut request: Request<Body>) -> Result<(Connection, Response<Incoming>), Unanswered> {
        loop {
            let mut connection = self.lend.clone().oneshot(()).await.map_err(Unanswered::Unreachable)?;
            // The server may have closed it meanwhile.
            if connection.ready().await.is_err() {
                continue;
            }
            match connection.call(request).await {
                Ok(response) => return Ok((connection, response)),
                Err(Broken { unsent: Some(unsent), .. }) => request = *unsent,
                Err(Broken { error, .. }) => return Err(Unanswered::Failed(error)),
            }
        }
    }

    /// Closes those that nobody used for long, and those that are too many.
    pub(super) fn sweep(&self) {
        (self.sweep.lock())();
    }
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

/// What came of asking over one of them.
pub(super) struct Broken {
    error: hyper::Error,
    /// The request, where the server closed a connection that had been idle, before anything was sent.
    unsent: Option<Box<Request<Body>>>,
}

/// One that is open.
struct Open {
    sender: http1::SendRequest<Body>,
    is_new: bool,
    asked_at: Instant,
}

impl Open {
    fn is_fresh(&self) -> bool {
        !self.sender.is_closed() && self.asked_at.elapsed() < IDLE
    }
}

async fn connect(to: Arc<(Connector, Uri)>) -> Result<Open, BoxError> {
    let (mut connector, origin) = (to.0.clone(), to.1.clone());
    let stream = connector.ready().await?.call(origin).await?;
    let (sender, connection) = http1::Builder::new().max_buf_size(HEAD).handshake(stream).await?;
    // Whoever asked hears of what goes wrong.
    tokio::spawn(connection.with_upgrades());
    Ok(Open { sender, is_new: true, asked_at: Instant::now() })
}

impl Service<Request<Body>> for Open {
    type Response = Response<Incoming>;
    type Error = Broken;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.sender.poll_ready(context).map_err(|error| Broken { error, unsent: None })
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.asked_at = Instant::now();
        let is_new = std::mem::take(&mut self.is_new);
        let answer = self.sender.try_send_request(request);
        Box::pin(async move {
            answer.await.map_err(|mut failed| {
                // A server that closes new ones, too, would be asked forever.
                let unsent = failed.take_message().filter(|_| !is_new).map(Box::new);
                Broken { error: failed.into_error(), unsent }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use hyper_rustls::HttpsConnectorBuilder;
    use hyper_util::client::legacy::connect::HttpConnector;
    use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs::default_provider};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    fn connector() -> Connector {
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let config = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(RootCertStore::empty());
        HttpsConnectorBuilder::new()
            .with_tls_config(config.with_no_client_auth())
            .https_or_http()
            .enable_http1()
            .wrap_connector(HttpConnector::new())
    }

    fn is_open(stream: &TcpStream) -> bool {
        matches!(stream.try_read(&mut [0; 1024]), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    #[tokio::test]
    async fn those_that_nobody_uses_for_long_or_that_are_too_many_are_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let connections = Connections::new(connector(), origin);
        let mut held = Vec::new();
        let mut streams = Vec::new();
        for _ in 0..IDLE_CONNECTIONS + 3 {
            let request = Request::get("/").body(Body::empty()).unwrap();
            let answer = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
                stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
                stream
            };
            let (answered, stream) = tokio::join!(connections.ask(request), answer);
            held.push(answered.unwrap());
            streams.push(stream);
        }
        let open = async || {
            connections.sweep();
            tokio::time::sleep(Duration::from_millis(50)).await;
            streams.iter().filter(|stream| is_open(stream)).count()
        };
        assert_eq!(open().await, IDLE_CONNECTIONS + 3, "none is idle");
        held.clear();
        assert_eq!(open().await, IDLE_CONNECTIONS);
        tokio::time::pause();
        tokio::time::advance(IDLE).await;
        tokio::time::resume();
        assert_eq!(open().await, 0);
    }
}
