//! `portreeve adopt-staging`.

use std::process::ExitCode;

use portreeve_config::Config;
use portreeve_services::{Services, files::StagingError};

use super::{ask, fail, finish, say, users::open};

pub(super) const HELP: &str = "Uploads wait in staging until a worker has stored them, so every server and worker must see the same one; each refuses \
    to start with another. This makes the configured one the one that counts, after it was replaced, or moved to a new place without its \
    hidden file `.portreeve-staging`. Stop every server and worker first. What waits in the old one is not found in the new one unless its \
    files were moved there too.";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Do it without asking.
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn run(config: &Config, arguments: &Arguments) -> ExitCode {
    let services = match open(config).await {
        Ok(services) => services,
        Err(error) => return fail(&error),
    };
    let outcome = adopt(&services, arguments.yes).await.map_err(|error| error.to_string()).flatten();
    services.database().clone().close().await;
    finish(outcome)
}

async fn adopt(services: &Services, yes: bool) -> Result<Result<(), String>, StagingError> {
    let Some(waiting) = services.files.abandoned_staging().await? else {
        say("The configured staging is the one that counts already.");
        return Ok(Ok(()));
    };
    let question = match waiting {
        0 => "Nothing waits in the staging that counted until now.".to_owned(),
        1 => "1 file waits in the staging that counted until now, and cannot be stored unless its parts are moved here.".to_owned(),
        files => {
            format!("{files} files wait in the staging that counted until now, and cannot be stored unless their parts are moved here.")
        }
    };
    match ask(&question, yes) {
        Ok(true) => {
            let place = services.files.adopt_staging().await?;
            say(format_args!("Uploads are taken in in {place} from now on."));
            Ok(Ok(()))
        }
        Ok(false) => {
            say("Nothing was changed.");
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(error)),
    }
}
