//! `portreeve worker`.

use std::process::ExitCode;

use portreeve_backends::{Clock, Random};
use portreeve_config::Config;

use super::{fail, say, signals};
use crate::serve::Worker;

pub(super) const HELP: &str = "Any number of workers may run, on as many machines as reach the same PostgreSQL, object store and staging; each \
    event is in one worker's hands at a time. The servers beside them may run with `serve --no-worker`. What a worker is at when it is told to \
    stop goes back at once, and another takes it up; what one had that was killed is taken up after `worker.lease`.

On SQLite there is no worker apart: there `portreeve serve` does its work.";

pub(super) async fn run(config: Config) -> ExitCode {
    let Ok(stop) = signals("stopping: what is in hands goes back") else { return fail(&"signals cannot be listened to") };
    let worker = match Worker::open(&config, Clock::System, Random::System).await {
        Ok(worker) => worker,
        Err(error) => return fail(&error),
    };
    say("Portreeve's worker is at work");
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "working");
    worker.run(stop).await;
    tracing::info!("stopped");
    ExitCode::SUCCESS
}
