//! `portreeve config`.

use std::process::ExitCode;

use portreeve_config::Config;

use super::say;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Say whether the configuration can be used, and if not, each bad value, its place, and what would be right.
    Check,
    /// Show the configuration as it is after all its sources. Secrets are hidden.
    Show,
    /// Show the defaults with the description of every setting: a file to start from.
    Defaults,
}

pub(super) fn run(config: &Config, command: &Command) -> ExitCode {
    match command {
        // What cannot be used was told when it was loaded.
        Command::Check => say("The configuration is fine."),
        Command::Show => say(config.show().trim_end()),
        Command::Defaults => return defaults(),
    }
    ExitCode::SUCCESS
}

/// Shows the embedded file.
pub(super) fn defaults() -> ExitCode {
    say(portreeve_config::DEFAULTS.trim_end());
    ExitCode::SUCCESS
}
