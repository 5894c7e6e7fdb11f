//! `portreeve serve`.

use std::process::ExitCode;

use portreeve_backends::{Clock, Random};
use portreeve_config::Config;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{fail, say};
use crate::serve::Server;

pub(super) async fn run(config: Config) -> ExitCode {
    let stop = CancellationToken::new();
    // Before anything is opened, so that a signal during the start is not lost.
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let (Ok(mut terminate), Ok(mut interrupt)) = signals else { return fail(&"signals cannot be listened to") };
    let server = match Server::open(config, Clock::System, Random::System).await {
        Ok(server) => server,
        Err(error) => return fail(&error),
    };
    say(format_args!("Portreeve serves {}", server.public_url()));
    // To the terminal and never to the log: whoever reads this becomes the administrator.
    if let Some(link) = &server.setup {
        say(format_args!(
            "\nNobody has an account yet. Open this link within the hour to make the first administrator; it works once:\n\n  {link}\n"
        ));
    }
    tracing::info!(public = %server.public, internal = %server.internal, version = env!("CARGO_PKG_VERSION"), "serving");

    let stopper = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: what is in flight may finish");
        stopper.cancel();
    });
    server.run(stop).await;
    tracing::info!("stopped");
    ExitCode::SUCCESS
}
