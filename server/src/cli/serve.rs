//! `portreeve serve`.

use std::process::ExitCode;

use portreeve_backends::{Clock, Random, traces::Counts};
use portreeve_config::Config;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{fail, say, signals};
use crate::serve::{Server, Work};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Leave mails, storing files and tidying up to `portreeve worker`. Not on SQLite, whose file is one process's.
    #[arg(long)]
    no_worker: bool,
}

pub(super) async fn run(config: Config, arguments: &Arguments, spans: Counts) -> ExitCode {
    // Before anything is opened, so that a signal during the start is not lost.
    let Ok(stop) = signals("stopping: what is in flight may finish") else { return fail(&"signals cannot be listened to") };
    open_as_many_as_allowed();
    let work = if arguments.no_worker { Work::Elsewhere } else { Work::Here };
    let server = match Server::open_with(config, Clock::System, Random::System, work).await {
        Ok(server) => server.counting(spans),
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
    server.run(stop).await;
    tracing::info!("stopped");
    ExitCode::SUCCESS
}

/// Most systems let a program have a thousand files and connections unless it asks for more, since some cannot count further (`select`).
fn open_as_many_as_allowed() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, allowed = limit.current, "there may be no more files and connections than the system allows at first");
    }
}
