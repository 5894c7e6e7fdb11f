//! `portreeve doctor`: every check that can be made while leaving everything as it was.

use std::{net::TcpListener, process::ExitCode};

use chrono::TimeDelta;
use portreeve_backends::{Clock, Random, traces};
use portreeve_config::{Config, Database as DatabaseConfig, Objects as ObjectsConfig, PublicTls, Traces};
use portreeve_database::{identity, migration};
use portreeve_services::{files::STAGING, keys::MasterKey};
use uuid::Uuid;

use super::say;
use crate::{
    listener::tls::{self, Validity},
    state,
};

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
    let identity = database(config, &mut findings).await;
    places(config, identity, &mut findings).await;
    match state::cache(config) {
        Ok(Some(redis)) => drop(findings.note(&format!("cache in {}", redis.place()), redis.check().await)),
        Ok(None) => {}
        Err(error) => drop(findings.note::<(), _>("cache", Err(error))),
    }
    match state::mailer(config) {
        Ok(mailer) => drop(findings.note("mail", mailer.check().await)),
        Err(error) => drop(findings.note::<(), _>("mail", Err(error))),
    }
    if let Traces::Otlp(otlp) = &config.traces {
        findings.note(&format!("traces to {}", otlp.endpoint.authority()), traces::check(otlp).await);
    }
    certificate(config, &mut findings);
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

/// How long the certificate of the public listener is good for.
fn certificate(config: &Config, findings: &mut Findings) {
    // An authority's is renewed a month before its end, so that ten days of it say that weeks of trying were in vain.
    let (days, share, advice) = match config.tls {
        PublicTls::NoTls(_) => return,
        PublicTls::TlsFiles(_) => (30, 3, "renew it"),
        PublicTls::TlsAcme(_) => (10, 6, "the log of `serve` says why the authority gives no other one"),
    };
    let now = Clock::System.now();
    match tls::Certificate::inspect(config) {
        Ok(None) => say("note  certificate: none yet; `serve` orders it"),
        Ok(Some(Validity { from, until })) => {
            let last = format!("{} UTC", until.format("%Y-%m-%d %H:%M"));
            if until <= now {
                findings.note::<(), _>("certificate", Err(format!("it ended on {last}, and browsers refuse it; {advice}")));
            } else if from > now {
                findings.note::<(), _>("certificate", Err("it is not valid yet; is this machine's clock right?"));
            } else if until - now < TimeDelta::days(days).min((until - from) / share) {
                say(format_args!("warn  certificate: it ends on {last}, {}; {advice}", left(until - now)));
            } else {
                findings.note::<_, String>(&format!("certificate, until {last}"), Ok(()));
            }
        }
        Err(error) => drop(findings.note::<(), _>("certificate", Err(error))),
    }
}

fn left(time: TimeDelta) -> String {
    match (time.num_days(), time.num_hours()) {
        (0, hours) => format!("in {hours} hours"),
        (1, _) => "in a day".to_owned(),
        (days, _) => format!("in {days} days"),
    }
}

/// Gives the staging's identity, if the database knows it.
async fn database(config: &Config, findings: &mut Findings) -> Option<Uuid> {
    if let DatabaseConfig::Sqlite(sqlite) = &config.database {
        let path = config.data_path(&sqlite.path);
        if !path.exists() {
            say(format_args!("note  database: {} is not there yet; `serve` makes it", path.display()));
            return None;
        }
    }
    let database = findings.note("database", state::connect(config).await)?;
    let schema = migration::pending(&database).await.map_err(|error| error.to_string());
    let is_current = schema.as_ref().is_ok_and(|pending| *pending == 0);
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
    let known = if is_current { identity::find(database.reader(), STAGING).await.ok().flatten() } else { None };
    database.close().await;
    known
}

/// Writes, reads and removes a few bytes in each place that files go through.
async fn places(config: &Config, identity: Option<Uuid>, findings: &mut Findings) {
    if let ObjectsConfig::Folder(folder) = &config.objects {
        let missing = [&folder.path, &folder.staging].map(|path| config.data_path(path)).into_iter().find(|path| !path.exists());
        if let Some(path) = missing {
            return say(format_args!("note  places for files: {} is not there yet; `serve` makes it", path.display()));
        }
    }
    let places = match state::places(config) {
        Ok(places) => places,
        Err(error) => {
            findings.note::<(), _>("places for files", Err(error));
            return;
        }
    };
    let (clock, random) = (Clock::System, Random::System);
    let place = |name: &str, place: String| format!("{name} in {place}");
    findings.note(&place("objects", places.objects.place()), places.objects.check(random.uuid(clock.now())).await);
    findings.note(&place("staging", places.staging.place()), places.staging.check(random.uuid(clock.now())).await);
    let found = places.staging.known_identity().await;
    if let Some(identity) = identity {
        let same = match found {
            Ok(Some(found)) if found == identity => Ok(()),
            Ok(_) => Err("it is not the one that this database's uploads are in; `serve` and `worker` will not start with it".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        findings.note("staging of this database", same);
    }
}
