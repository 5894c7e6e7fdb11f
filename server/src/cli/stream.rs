//! `portreeve stream`.

mod info;
mod read;
mod replay;

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use portreeve_backends::{Clock, Random, stream::Stream};
use portreeve_config::Config;
use portreeve_database::Database;

use super::{fail, finish};
use crate::state;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Say what the stream holds, who reads it, how far each consumer is, and how fast.
    #[command(after_help = info::HELP)]
    Info(info::Arguments),
    /// Print events as CloudEvents 1.0, one JSON object a line, with their position beside CloudEvents' own attributes.
    #[command(after_help = read::HELP)]
    Read(read::Arguments),
    /// Let one consumer read again from a point. Other consumers are left alone.
    #[command(after_help = replay::HELP)]
    Replay(replay::Arguments),
}

pub(super) async fn run(config: &Config, command: Command) -> ExitCode {
    let (database, stream) = match open(config).await {
        Ok(opened) => opened,
        Err(error) => return fail(&error),
    };
    let outcome = match command {
        Command::Info(arguments) => info::run(&stream, &arguments).await,
        Command::Read(arguments) => read::run(&stream, &arguments).await,
        Command::Replay(arguments) => replay::run(&stream, &arguments).await,
    };
    database.close().await;
    finish(outcome)
}

/// The stream alone: whoever looks at it needs neither keys nor places for files.
pub(super) async fn open(config: &Config) -> Result<(Database, Stream), state::StartError> {
    state::prepare_data(config)?;
    let database = state::open(config).await?;
    let stream = state::stream(config, &database, &Clock::System, &Random::System).await?;
    Ok((database, stream))
}

fn moment(time: DateTime<Utc>) -> impl std::fmt::Display {
    time.format("%F %T UTC")
}
