//! What Portreeve's speed is, each figure beside its floor, in one run and as a ratio, since machines differ and are noisy.
//!
//! `cargo bench -p portreeve-server --bench speed -- FIGURE…` measures the figures named, prints a table for each (those of
//! docs/performance.md), and fails if one misses its floor. `PORTREEVE_BENCH_PROGRAM` names another program than the one that cargo built beside this.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the tables are what this program is for")]

mod events;
mod first_load;
mod gateway;
mod idle_connections;
mod instructions;
mod large;
mod layout;
mod me;
mod peers;
mod read;
mod refresh;
mod sign_in;
mod slow;
mod start;
mod support;
mod train;
mod uploads;

use std::process::ExitCode;

use support::{Outcome, Report, bare, hello};

/// The floors have the server's allocator.
#[global_allocator]
static ALLOCATOR: portreeve_memory::Allocator = portreeve_memory::Allocator;

const FIGURES: &str =
    "read me sign-in refresh slow start idle-connections instructions layout train first-load uploads large events peers me-peers gateway";

// One thread: the load takes as little as can be from the cores that it shares with the server.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // cargo adds `--bench`.
    let figures: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if figures.is_empty() {
        eprintln!("Say what to measure: {FIGURES}");
        return ExitCode::FAILURE;
    }
    let child = match &figures.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [hello::ARGUMENT] => Some(hello::serve().await),
        [bare::ARGUMENT, folder] => Some(bare::serve(folder.into()).await),
        [events::ARGUMENT, in_flight, count] => Some(match (in_flight.parse(), count.parse()) {
            (Ok(in_flight), Ok(count)) => events::append_some(in_flight, count).await,
            _ => Err("say how many".into()),
        }),
        _ => None,
    };
    if let Some(outcome) = child {
        return outcome.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let mut kept = true;
    for figure in &figures {
        match measure(figure).await {
            Ok(report) => {
                println!("{report}");
                kept &= report.kept();
            }
            Err(error) => {
                eprintln!("{figure}: {error}");
                kept = false;
            }
        }
    }
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure(figure: &str) -> Outcome<Report> {
    Ok(match figure {
        "read" => read::measure().await?,
        "me" => me::measure().await?,
        "me-peers" => me::measure_beside_peers().await?,
        "gateway" => gateway::measure().await?,
        "idle-connections" => idle_connections::measure().await?,
        "instructions" => instructions::measure().await?,
        "sign-in" => sign_in::measure().await?,
        "refresh" => refresh::measure().await?,
        "slow" => slow::measure().await?,
        "start" => start::measure().await?,
        "layout" => layout::measure().await?,
        "train" => train::measure().await?,
        "first-load" => first_load::measure().await?,
        "uploads" => uploads::measure().await?,
        "large" => large::measure().await?,
        "events" => events::measure().await?,
        "peers" => peers::measure().await?,
        _ => return Err(format!("there is no such figure; there are {FIGURES}").into()),
    })
}
