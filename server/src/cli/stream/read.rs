//! `portreeve stream read`.

use std::{
    io::{ErrorKind, Write as _, stdout},
    time::Duration,
};

use portreeve_backends::stream::{NoPoint, ReplayFrom, Stream, matches, to_cloud_event};
use portreeve_database::event::Recorded;

use crate::cli::signals;

pub(super) const HELP: &str = "Examples:
  portreeve stream read --from 2026-11-21 --filter 'file.*'
  portreeve stream read --from now --follow | jq .type";

/// Events that other processes append are seen this late at most.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Read at a time.
const READ: u64 = 256;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Begin there: `beginning`, `now` (only what comes from now on), a position, a time (RFC 3339) or a day (UTC).
    #[arg(long, value_name = "POSITION|TIME", default_value = "beginning", value_parser = parse_start)]
    from: Start,
    /// Only events of this type: `file.accepted`, or `file.*` for all that begin with `file.`. May be given more than once.
    #[arg(long, value_name = "TYPE")]
    filter: Vec<String>,
    /// At most so many.
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
    /// Go on with what comes, until told to stop (Ctrl-C, SIGTERM).
    #[arg(long, short)]
    follow: bool,
}

#[derive(Clone, Copy, Debug)]
enum Start {
    Now,
    At(ReplayFrom),
}

fn parse_start(text: &str) -> Result<Start, String> {
    match text {
        "now" => Ok(Start::Now),
        text => text.parse().map(Start::At).map_err(|error: NoPoint| format!("{error}, or `now`")),
    }
}

pub(super) async fn run(stream: &Stream, arguments: &Arguments) -> Result<(), String> {
    let stop = signals("stopping").map_err(|error| format!("signals cannot be listened to: {error}"))?;
    stop.run_until_cancelled(read(stream, arguments)).await.unwrap_or(Ok(()))
}

async fn read(stream: &Stream, arguments: &Arguments) -> Result<(), String> {
    let failed = |error: portreeve_database::DbErr| error.to_string();
    let mut appended = stream.appended();
    stream.give_positions().await.map_err(failed)?;
    // Without --follow there is an end, also while others append.
    let end = stream.last_position().await.map_err(failed)?;
    let mut position = match arguments.from {
        Start::Now => end,
        Start::At(from) => stream.position_before(from).await.map_err(failed)?,
    };
    let mut left = arguments.limit.unwrap_or(u64::MAX);
    loop {
        let events = stream.read(position, READ).await.map_err(failed)?;
        let more = events.len() as u64 == READ;
        for recorded in events {
            position = recorded.position;
            if !arguments.follow && position > end {
                return Ok(());
            }
            let wanted = arguments.filter.is_empty() || arguments.filter.iter().any(|wanted| matches(wanted, &recorded.event.r#type));
            if wanted && left > 0 {
                left -= 1;
                // Nobody listens any more: that is the end, and no failure.
                match print(&recorded) {
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                    printed => printed.map_err(|error| format!("the output cannot be written: {error}"))?,
                }
            }
            if left == 0 {
                return Ok(());
            }
        }
        if more {
            continue;
        }
        if !arguments.follow {
            return Ok(());
        }
        tokio::select! {
            _ = appended.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        stream.give_positions().await.map_err(failed)?;
    }
}

fn print(recorded: &Recorded) -> std::io::Result<()> {
    let mut event = to_cloud_event(&recorded.event);
    event["position"] = recorded.position.into();
    let mut out = stdout().lock();
    writeln!(out, "{event}")?;
    out.flush()
}
