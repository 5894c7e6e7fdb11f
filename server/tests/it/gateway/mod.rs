//! What comes in, and services of somebody's own behind Portreeve.

mod acme;
mod attack;
mod balance;
mod connections;
mod cors;
mod firewall;
mod hostile;
mod names;
mod slow;
mod smuggling;
mod streamed;
mod throttle;
pub(super) mod tls;
pub(super) mod tls_listener;
mod upstream;
mod websocket;

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::TestApp;

/// A Portreeve with one service behind it, on `/orders`.
pub(super) async fn behind(targets: &[&str], more: &str) -> TestApp {
    TestApp::start_on(&[], &orders(targets, more)).await
}

pub(crate) fn orders(targets: &[&str], more: &str) -> String {
    format!("[[gateway.upstream]]\nname = 'orders'\npath = '/orders'\ntargets = {targets:?}\n{more}\n")
}

/// A connection on which anything can be said.
pub(super) async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.url.strip_prefix("http://").unwrap()).await.expect("a connection")
}

/// What comes back for these very bytes, until the connection is closed or nothing has come for a while.
pub(super) async fn raw(app: &TestApp, request: &str) -> String {
    let mut stream = connect(app).await;
    // Not all of a request that is refused is read.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut all = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut all)).await;
    String::from_utf8_lossy(&all).into_owned()
}

/// The status of an answer that came raw.
pub(super) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("closed")
}
