//! A service of somebody's own, to stand behind the gateway.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    response::Response,
    routing::any,
};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

/// Stops when it is dropped.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    /// The path of each request that came; of one that was only read, nothing.
    asked: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

impl Service {
    /// Answers with what it was asked, as JSON.
    pub(crate) async fn echo() -> Self {
        Self::serve(Router::new().fallback(any(echo))).await
    }

    pub(crate) async fn serve(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Self::serve_on(listener, router)
    }

    pub(crate) fn serve_on(listener: TcpListener, router: Router) -> Self {
        let address = listener.local_addr().expect("an address");
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let note = asked.clone();
        let router = router.layer(axum::middleware::map_request(move |request: Request| {
            note.lock().unwrap().push(request.uri().path().to_owned());
            async move { request }
        }));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") }).abort_handle();
        Self { address, asked, task }
    }

    /// Reads the head of each request and then does whatever it likes with the connection.
    pub(crate) async fn raw(answer: impl Fn(TcpStream) -> BoxFuture<'static, ()> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let note = asked.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.is_ok_and(|read| read == 1) {
                    head.push(byte[0]);
                }
                note.lock().unwrap().push(String::new());
                tokio::spawn(answer(stream));
            }
        });
        Self { address, asked, task: task.abort_handle() }
    }

    /// Answers each request with these very bytes, and closes.
    pub(crate) async fn saying(text: &'static [u8]) -> Self {
        Self::raw(move |mut stream| {
            Box::pin(async move {
                let _ = stream.write_all(text).await;
            })
        })
        .await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests came.
    pub(crate) fn asked(&self) -> usize {
        self.paths().len()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) async fn echo(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or(Bytes::new());
    let headers: Vec<Value> =
        parts.headers.iter().map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())])).collect();
    let seen = json!({
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "query": parts.uri.query(),
        "headers": headers,
        "length": body.len(),
        "body": String::from_utf8_lossy(&body[..body.len().min(1000)]),
    });
    Response::builder().header("content-type", "application/json").body(Body::from(seen.to_string())).expect("a response")
}

/// A header of what [`echo`] saw: all its values.
pub(crate) fn header<'a>(seen: &'a Value, name: &str) -> Vec<&'a str> {
    let all = seen["headers"].as_array().expect("headers").iter();
    all.filter(|pair| pair[0] == name).filter_map(|pair| pair[1].as_str()).collect()
}
