//! What comes in, and services of somebody's own behind Portreeve.

mod balance;
mod hostile;
mod throttle;
mod tls;
mod upstream;
mod websocket;

use crate::support::TestApp;

/// A Portreeve with one service behind it, on `/orders`.
pub(super) async fn behind(targets: &[&str], more: &str) -> TestApp {
    TestApp::start_on(&[], &orders(targets, more)).await
}

pub(super) fn orders(targets: &[&str], more: &str) -> String {
    format!("[[gateway.upstream]]\nname = 'orders'\npath = '/orders'\ntargets = {targets:?}\n{more}\n")
}
