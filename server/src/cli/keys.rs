//! `portreeve keys`.

use std::process::ExitCode;

use portreeve_config::Config;
use portreeve_services::{Fault, Services};

use super::{fail, finish, say, users::open};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the published keys, in the order in which they sign.
    List,
    /// Make the next key. It is published at once and signs after 15 minutes; the present one stays until nothing it signed can be valid.
    Rotate,
}

pub(super) async fn run(config: &Config, command: &Command) -> ExitCode {
    let services = match open(config).await {
        Ok(services) => services,
        Err(error) => return fail(&error),
    };
    let outcome = match command {
        Command::List => {
            list(&services);
            Ok(())
        }
        Command::Rotate => rotate(&services).await,
    };
    services.database().clone().close().await;
    finish(outcome)
}

fn list(services: &Services) {
    for key in services.keys.list() {
        let until = key.retires_at.map_or_else(String::new, |at| format!(", published until {}", at.format("%F %T UTC")));
        let state = if key.signing { "signs now" } else { "does not sign" };
        say(format_args!("{}  {state}, from {}{until}", key.kid, key.signs_from.format("%F %T UTC")));
    }
}

async fn rotate(services: &Services) -> Result<(), Fault> {
    let key = services.keys.rotate().await?;
    say(format_args!("Made {}. It signs from {}.", key.kid, key.signs_from.format("%F %T UTC")));
    Ok(())
}
