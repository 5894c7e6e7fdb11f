//! `portreeve migrate`.

use std::process::ExitCode;

use portreeve_config::Config;
use portreeve_database::migration;

use super::{finish, say};
use crate::state::{self, StartError};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(config: &Config, arguments: &Arguments) -> ExitCode {
    finish(migrate(config, arguments.dry_run).await)
}

async fn migrate(config: &Config, dry_run: bool) -> Result<(), StartError> {
    state::prepare_data(config)?;
    let database = state::connect(config).await?;
    let count = if dry_run { migration::pending(&database).await? } else { migration::apply(&database).await? };
    say(match (count, dry_run) {
        (0, _) => "The schema is up to date.".to_owned(),
        (_, true) => format!("{count} to apply. Nothing was changed."),
        (_, false) => format!("Applied {count}. The schema is up to date."),
    });
    database.close().await;
    Ok(())
}
