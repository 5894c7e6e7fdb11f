//! What Portreeve's speed is, each figure beside its floor, in one run and as a ratio, since machines differ and are noisy.
//!
//! `cargo bench -p portreeve-server --bench speed -- FIGURE…` measures the figures named, prints a table for each (those of
//! docs/performance.md), and fails if one misses its floor.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the tables are what this program is for")]

mod first_load;
mod read;
mod refresh;
mod sign_in;
mod start;
mod support;

use std::process::ExitCode;

use support::{Outcome, Report, hello};

/// The floors have the server's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FIGURES: &str = "read sign-in refresh start first-load";

// One thread: the load takes as little as can be from the cores that it shares with the server.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // cargo adds `--bench`.
    let figures: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if figures.is_empty() {
        eprintln!("Say what to measure: {FIGURES}");
        return ExitCode::FAILURE;
    }
    let mut kept = true;
    for figure in &figures {
        match measure(figure).await {
            Ok(Some(report)) => {
                println!("{report}");
                kept &= report.kept();
            }
            Ok(None) => {}
            Err(error) => {
                eprintln!("{figure}: {error}");
                kept = false;
            }
        }
    }
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure(figure: &str) -> Outcome<Option<Report>> {
    Ok(Some(match figure {
        "read" => read::measure().await?,
        "sign-in" => sign_in::measure().await?,
        "refresh" => refresh::measure().await?,
        "start" => start::measure().await?,
        "first-load" => first_load::measure().await?,
        hello::ARGUMENT => {
            hello::serve().await?;
            return Ok(None);
        }
        _ => return Err(format!("there is no such figure; there are {FIGURES}").into()),
    }))
}
