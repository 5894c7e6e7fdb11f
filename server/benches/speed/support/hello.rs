//! The floor of everything over HTTP: Axum that answers one word, behind the listener that Portreeve uses, in a process of its own.

use std::{net::Ipv4Addr, time::Duration};

use axum::{Router, routing::get};
use portreeve::listener::{self, Limits};
use portreeve_config::Config;
use tokio_util::sync::CancellationToken;

use super::Outcome;

/// What makes this program that server.
pub(crate) const ARGUMENT: &str = "floor-hello";

pub(crate) async fn serve() -> Outcome<()> {
    // As many threads as Portreeve has, unlike the program that measures.
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = threads.spawn(listen()).await?;
    threads.shutdown_background();
    Ok(served?)
}

async fn listen() -> std::io::Result<()> {
    let listener = listener::bind((Ipv4Addr::LOCALHOST, 0).into(), "listen").await?;
    println!("Hello is served on http://{}", listener.local_addr()?);
    // As many as come, for as long as they like: it is not its limits that are measured.
    let limits = Limits {
        connections: 100_000,
        connections_per_address: 100_000,
        header_timeout: Duration::from_mins(5),
        ..Limits::of(&Config::embedded().expect("the defaults").public)
    };
    let greet = get(async || "hello").post(async || "hello");
    let router = Router::new().route("/", greet.clone()).route("/hello", greet);
    listener::serve(listener, router, None, limits, CancellationToken::new()).await;
    Ok(())
}
