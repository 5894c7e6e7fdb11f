//! `portreeve doctor`: every check that can be made without changing anything.

use std::{net::TcpListener, process::ExitCode};

use portreeve_backends::{Clock, Random};
use portreeve_config::{Config, Database as DatabaseConfig};
use portreeve_database::migration;
use portreeve_services::keys::MasterKey;

use super::say;
use crate::state;

struct Findings {
    bad: usize,
}

impl Findings {
    fn note<T, E: std::fmt::Display>(&mut self, what: &str, found: Result<T, E>) -> Option<T> {
        match found {
            Ok(value) => {
                say(format_args!("ok    {what}"));
                Some(value)
            }
            Err(error) => {
                self.bad += 1;
                say(format_args!("BAD   {what}: {error}"));
                None
            }
        }
    }
}

pub(super) async fn run(config: &Config) -> ExitCode {
    let mut findings = Findings { bad: 0 };
    findings.note("configuration", Ok::<_, String>(()));
    if config.data.path.exists() {
        findings.note("data folder", state::prepare_data(config));
        let key = config.data_path(&config.keys.master_key_file);
        if key.exists() {
            findings.note("master key", MasterKey::load(&key));
        } else {
            say("note  master key: none yet; `serve` makes it");
        }
    } else {
        say(format_args!("note  data folder: {} is not there yet; `serve` makes it", config.data.path.display()));
    }
    database(config, &mut findings).await;
    match state::mailer(config) {
        Ok(mailer) => drop(findings.note("mail", mailer.check().await)),
        Err(error) => drop(findings.note::<(), _>("mail", Err(error))),
    }
    for (what, address) in [("public listener", config.public.listen), ("internal listener", config.internal.listen)] {
        let held = TcpListener::bind(address).map_err(|error| format!("{address}: {error} (a running server holds it, too)"));
        findings.note(what, held);
    }
    if config.public_url.scheme() == "http" && !config.public.listen.ip().is_loopback() {
        findings.note::<(), _>(
            "HTTPS",
            Err("served over plain HTTP to other machines, browsers cannot sign in; set `public_url` to an https:// address"),
        );
    }
    if findings.bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn database(config: &Config, findings: &mut Findings) {
    if let DatabaseConfig::Sqlite(sqlite) = &config.database {
        let path = config.data_path(&sqlite.path);
        if !path.exists() {
            say(format_args!("note  database: {} is not there yet; `serve` makes it", path.display()));
            return;
        }
    }
    let Some(database) = findings.note("database", state::connect(config).await) else { return };
    let schema = migration::pending(&database).await.map_err(|error| error.to_string());
    let schema = schema
        .and_then(|pending| if pending == 0 { Ok(()) } else { Err(format!("{pending} migrations to apply; run `portreeve migrate`")) });
    findings.note("schema", schema);
    findings.note("integrity", database.check_integrity().await);
    match state::stream(config, &database, &Clock::System, &Random::System).await {
        Ok(stream) => {
            for note in findings.note("stream", stream.check().await).unwrap_or_default() {
                say(format_args!("note  stream: {note}"));
            }
        }
        Err(error) => drop(findings.note::<(), _>("stream", Err(error))),
    }
    database.close().await;
}
