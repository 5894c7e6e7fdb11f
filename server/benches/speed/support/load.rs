//! Clients: connections that are kept alive, and requests one after the other on each.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Outcome;

/// One request, to be sent as often as one likes.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// What came back, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    /// A page or a file.
    pub(crate) fn get(path: &str) -> Outcome<Self> {
        Ok(Self { method: Method::GET, uri: path.parse()?, headers: HeaderMap::new(), body: Bytes::new() })
    }

    /// JSON, as one of our own pages sends it.
    pub(crate) fn post(path: &str, body: &serde_json::Value) -> Outcome<Self> {
        let headers = HeaderMap::from_iter([
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::HeaderName::from_static("sec-fetch-site"), HeaderValue::from_static("same-origin")),
        ]);
        Ok(Self { method: Method::POST, uri: path.parse()?, headers, body: body.to_string().into() })
    }

    /// Bytes, as a program sends them.
    pub(crate) fn sending(path: &str, body: Vec<u8>) -> Outcome<Self> {
        Ok(Self { method: Method::POST, uri: path.parse()?, headers: HeaderMap::new(), body: body.into() })
    }

    pub(crate) fn with(mut self, name: header::HeaderName, value: &str) -> Outcome<Self> {
        self.headers.insert(name, value.parse()?);
        Ok(self)
    }
}

/// A connection that is kept alive.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string().parse()? })
    }

    /// Whatever comes back.
    pub(crate) async fn send(&mut self, call: &Call) -> Outcome<Answer> {
        let mut request = Request::new(Full::new(call.body.clone()));
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = call.uri.clone();
        *request.headers_mut() = call.headers.clone();
        request.headers_mut().insert(header::HOST, self.host.clone());
        self.sender.ready().await?;
        let (parts, body) = self.sender.send_request(request).await?.into_parts();
        Ok(Answer { status: parts.status, headers: parts.headers, body: body.collect().await?.to_bytes() })
    }

    /// A success, or an error that tells what else it was.
    pub(crate) async fn succeed(&mut self, call: &Call) -> Outcome<Answer> {
        let answer = self.send(call).await?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(format!("{} {} was answered with {}: {}", call.method, call.uri, answer.status, String::from_utf8_lossy(&answer.body)).into())
    }
}

/// What was done in how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) requests: f64,
    pub(crate) seconds: f64,
}

impl Load {
    pub(crate) fn per_second(self) -> f64 {
        self.requests / self.seconds
    }
}

/// Each connection sends its calls in turn, again and again, until the time is over. Any answer but a success ends it with an error.
pub(crate) async fn cycle(clients: &mut [(Connection, Vec<Call>)], time: Duration) -> Outcome<Load> {
    let started = Instant::now();
    let each = clients.iter_mut().map(|(connection, calls)| async move {
        let mut requests = 0_u32;
        for call in calls.iter().cycle().take_while(|_| started.elapsed() < time) {
            connection.succeed(call).await?;
            requests += 1;
        }
        Outcome::Ok(requests)
    });
    let requests = futures::future::try_join_all(each).await?.into_iter().map(f64::from).sum();
    Ok(Load { requests, seconds: started.elapsed().as_secs_f64() })
}

/// Each connection sends its call again as soon as it is answered, until the time is over. Any answer but a success ends it with an error.
pub(crate) async fn drive(clients: &mut [(Connection, Call)], time: Duration) -> Outcome<Load> {
    let started = Instant::now();
    let each = clients.iter_mut().map(|(connection, call)| async move {
        let mut requests = 0_u32;
        while started.elapsed() < time {
            connection.succeed(call).await?;
            requests += 1;
        }
        Outcome::Ok(requests)
    });
    let requests = futures::future::try_join_all(each).await?.into_iter().map(f64::from).sum();
    Ok(Load { requests, seconds: started.elapsed().as_secs_f64() })
}
