//! The command line.

mod adopt_staging;
mod config;
mod dead_letters;
mod doctor;
mod keys;
mod migrate;
mod serve;
mod service_accounts;
mod stream;
mod users;
mod worker;

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use portreeve_backends::traces::Traces;
use portreeve_config::{Config, Traces as TracesConfig};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::logging;

/// Portreeve signs people in, guards the gate to the APIs behind it, takes in files, and keeps a ledger of what happened.
///
/// Without any configuration it serves http://127.0.0.1:3000 and keeps everything in the folder `data`.
#[derive(Debug, Parser)]
#[command(name = "portreeve", version, propagate_version = true, subcommand_required = true, arg_required_else_help = true)]
#[command(
    after_help = "Start here:\n  portreeve serve                 serve, and show the link that makes the first administrator\n  portreeve config show           what can be set, and what is\n  portreeve doctor                what is wrong, if anything\n\nSettings come from the defaults, then --config, then variables named PORTREEVE__SECTION__KEY."
)]
struct Arguments {
    /// A TOML file over the defaults.
    #[arg(long, short, global = true, value_name = "FILE", env = "PORTREEVE_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve people and APIs until told to stop (SIGTERM, Ctrl-C).
    Serve(serve::Arguments),
    /// Do the work beside requests alone: store files, send mails, tidy up. Runs until told to stop (SIGTERM, Ctrl-C).
    #[command(after_help = worker::HELP)]
    Worker,
    /// Bring the database's schema up to date. Needed before `serve` on PostgreSQL; SQLite does it by itself.
    Migrate(migrate::Arguments),
    /// Make, list, shut and open accounts. Works beside a running server, which knows within a second.
    #[command(subcommand)]
    Users(users::Command),
    /// Make, list, shut, open and delete service accounts, and the keys by which machines are known. Works beside a running server.
    #[command(subcommand)]
    ServiceAccounts(service_accounts::Command),
    /// List and rotate the keys that sign access tokens. Works beside a running server.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Look at the stream of events and at its consumers; replay. Works beside a running server.
    #[command(subcommand)]
    Stream(stream::Command),
    /// Look at the events that consumers gave up on; send them again. Works beside a running server.
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
    /// Make the configured staging the one that counts, after it was moved or replaced. To be run while no server and no worker runs.
    #[command(after_help = adopt_staging::HELP)]
    AdoptStaging(adopt_staging::Arguments),
    /// Print the description of the REST API (OpenAPI 3.1), as `/v1/openapi.json` serves it.
    Openapi,
    /// Print the list of error codes (Markdown), as `/docs/errors` shows it.
    Errors,
    /// Check and show the configuration.
    #[command(subcommand)]
    Config(config::Command),
    /// Look for what is wrong: configuration, folders, database, keys, stream, places for files, mail, address. Leaves all as it was.
    Doctor,
}

/// Runs the command given by the process's arguments.
pub fn run() -> ExitCode {
    // `cargo leptos watch` starts the program without a word.
    let watched = std::env::var_os("LEPTOS_WATCH").is_some() && std::env::args_os().len() == 1;
    let arguments = if watched { Arguments::parse_from(["portreeve", "serve"]) } else { Arguments::parse() };
    // Both `ring` and `aws-lc-rs` are linked; this is the one that TLS uses.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // Also where the configuration cannot be used: this is where one learns what to write.
    if matches!(arguments.command, Command::Config(config::Command::Defaults)) {
        return config::defaults();
    }
    match arguments.command {
        Command::Openapi => return print(&crate::http::openapi()),
        Command::Errors => return print(crate::http::errors::text().as_bytes()),
        _ => {}
    }
    let config = match Config::load(arguments.config.as_deref(), portreeve_config::environment()) {
        Ok(config) => config,
        Err(errors) => return fail(&errors),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let traces = match &config.traces {
        TracesConfig::Otlp(otlp) if matches!(arguments.command, Command::Serve(_) | Command::Worker) => {
            let _inside = runtime.enter();
            match Traces::open(otlp, env!("CARGO_PKG_VERSION")) {
                Ok(traces) => Some(traces),
                Err(error) => return fail(&format_args!("traces: {error}")),
            }
        }
        _ => None,
    };
    logging::start(&config.log, traces.as_ref().map(Traces::tracer));
    let spans = traces.as_ref().map(Traces::counts).unwrap_or_default();
    let ended = runtime.block_on(async {
        match arguments.command {
            Command::Serve(arguments) => Box::pin(serve::run(config, &arguments, spans)).await,
            Command::Worker => worker::run(config).await,
            Command::Migrate(arguments) => migrate::run(&config, &arguments).await,
            Command::Users(command) => users::run(&config, command).await,
            Command::ServiceAccounts(command) => service_accounts::run(&config, command).await,
            Command::Keys(command) => keys::run(&config, &command).await,
            Command::Stream(command) => stream::run(&config, command).await,
            Command::DeadLetters(command) => dead_letters::run(&config, command).await,
            Command::AdoptStaging(arguments) => adopt_staging::run(&config, &arguments).await,
            Command::Config(command) => config::run(&config, &command),
            Command::Openapi => print(&crate::http::openapi()),
            Command::Errors => print(crate::http::errors::text().as_bytes()),
            Command::Doctor => doctor::run(&config).await,
        }
    });
    if let Some(traces) = traces {
        traces.close();
    }
    ended
}

/// Writes a document, for which nothing has to be configured.
fn print(document: &[u8]) -> ExitCode {
    let _ = std::io::stdout().write_all(document);
    ExitCode::SUCCESS
}

/// Says on standard error why a command failed.
fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "portreeve: {error}");
    ExitCode::FAILURE
}

/// Says on standard output what a command found.
///
/// Nobody may listen any more (`portreeve users list | head`, a supervisor that reads one line): that ends no command, and no server.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Cancelled once the process is told to stop (SIGTERM, Ctrl-C), which `words` tell the log.
fn signals(words: &'static str) -> std::io::Result<CancellationToken> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("{words}");
        stopper.cancel();
        // Whoever says it twice does not want to wait.
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::warn!("stopped at once");
        std::process::exit(1);
    });
    Ok(stop)
}

/// Asks before something that cannot be undone, unless told not to.
///
/// # Errors
/// Where nobody can answer.
fn ask(what: &str, yes: bool) -> Result<bool, String> {
    if yes {
        return Ok(true);
    }
    say(what);
    if !std::io::stdin().is_terminal() {
        return Err("nobody is there to be asked; give --yes to do it without".to_owned());
    }
    let _ = write!(std::io::stdout(), "Go on? [y/N] ").and_then(|()| std::io::stdout().flush());
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| format!("the answer cannot be read: {error}"))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"))
}

/// `Ok` is success; an error is told.
fn finish<E: std::fmt::Display>(outcome: Result<(), E>) -> ExitCode {
    outcome.map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS)
}
