//! Small files in one request, durable before the answer, against a bare loop that makes the same syncs; and how long they take to be stored.
//!
//! On SQLite the worker is part of the server: what it stores meanwhile is paid for by the uploads, and not by the bare loop.

use std::{fs, path::Path, time::Duration};

use http::header;
use portreeve_backends::Random;
use portreeve_database::{Database, Url};
use sea_orm::{DbBackend, FromQueryResult, Statement};

use crate::support::{Call, Connection, Outcome, Person, Process, Report, Spread, drive, fill, percentile};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(4);
const REST: Duration = Duration::from_secs(1);
const SIZE: usize = 64 * 1024;
const IN_FLIGHT: usize = 16;
/// Of the bare loop's rate.
const FLOOR: f64 = 0.6;

pub(crate) async fn measure() -> Outcome<Report> {
    let (data, folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
    fill(data.path(), 1).await?;
    let bare = Process::files(folder.path())?;
    let portreeve = Process::portreeve(data.path())?;
    let token = Person::sign_in(&mut Connection::open(portreeve.address).await?, 0).await?.bearer();
    let (mut take, mut keep) = (Vec::new(), Vec::new());
    for _ in 0..IN_FLIGHT {
        let body: Vec<u8> = (0..SIZE / 64).flat_map(|_| Random::System.bytes::<64>()).collect();
        take.push(Call::sending("/v1/files?name=tide.bin", body.clone())?.with(header::AUTHORIZATION, &token)?);
        keep.push(Call::sending("/small", body)?);
    }
    let mut rounds = Vec::new();
    for round in 0..=ROUNDS {
        let before = (portreeve.cpu_seconds()?, bare.cpu_seconds()?);
        let uploaded = drive(&mut connected(&portreeve, &take).await?, ROUND).await?;
        // What it stores of them is its own to pay for, and no turn of the other's.
        portreeve.rest(REST).await?;
        let kept = drive(&mut connected(&bare, &keep).await?, ROUND).await?;
        let spent = (portreeve.cpu_seconds()? - before.0, bare.cpu_seconds()? - before.1);
        empty(folder.path())?;
        // The first round only warms up.
        if round > 0 {
            rounds.push((uploaded.per_second(), kept.per_second(), spent.0 / uploaded.requests * 1e6, spent.1 / kept.requests * 1e6));
        }
    }
    drop(portreeve);

    let mut report = Report::new("Files of 64 KiB, 16 at a time, durable before the 202, median (least to most) of 7 rounds of 4 s");
    report.tell("uploads per second", Spread::of(rounds.iter().map(|round| round.0)));
    report.tell("a bare loop: receive, write, sync file, folder and log; per second", Spread::of(rounds.iter().map(|round| round.1)));
    let ratio = Spread::of(rounds.iter().map(|round| round.0 / round.1));
    report.hold("uploads for each of the bare loop", ratio, "≥ 0.6", ratio.median >= FLOOR);
    report.tell("CPU time for an upload, µs", Spread::of(rounds.iter().map(|round| round.2)));
    report.tell("CPU time for one of the bare loop, µs", Spread::of(rounds.iter().map(|round| round.3)));
    stored(&mut report).await?;
    Ok(report)
}

/// On fresh connections: those that rest for a while are closed.
async fn connected(server: &Process, calls: &[Call]) -> Outcome<Vec<(Connection, Call)>> {
    let mut clients = Vec::new();
    for call in calls {
        clients.push((Connection::open(server.address).await?, call.clone()));
    }
    Ok(clients)
}

/// With the worker in the same process: half as many as it can do, and how long each is on its way to the object store.
async fn stored(report: &mut Report) -> Outcome<()> {
    let data = tempfile::tempdir()?;
    fill(data.path(), 1).await?;
    let portreeve = Process::portreeve(data.path())?;
    let token = Person::sign_in(&mut Connection::open(portreeve.address).await?, 0).await?.bearer();
    let upload = Call::sending("/v1/files?name=tide.bin", vec![7; SIZE])?.with(header::AUTHORIZATION, &token)?;
    let mut taking = Vec::new();
    for _ in 0..IN_FLIGHT {
        taking.push((Connection::open(portreeve.address).await?, upload.clone()));
    }
    let began = std::time::Instant::now();
    let full = drive(&mut taking, ROUND).await?;
    report.tell("uploads per second while a worker in the same process stores them", format!("{:.0}", full.per_second()));
    let database = Database::connect(&Url::Sqlite { path: data.path().join("portreeve.db"), readers: 1 }).await?;
    while count(&database, "status <> 'stored'").await? > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let sustained = full.requests / began.elapsed().as_secs_f64();
    report.tell("of them stored per second, until none was left", format!("{sustained:.0}"));
    let already = count(&database, "1 = 1").await?;

    let pace = Duration::from_secs_f64(2.0 / sustained);
    let mut ticks = tokio::time::interval(pace);
    let (connection, call) = &mut taking[0];
    let until = std::time::Instant::now() + ROUND * 3;
    while std::time::Instant::now() < until {
        ticks.tick().await;
        connection.succeed(call).await?;
    }
    while count(&database, "status <> 'stored'").await? > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut times = times(&database, already).await?;
    let (half, most) = (percentile(&mut times, 50), percentile(&mut times, 99));
    report.tell("accepted to stored at half of that, ms: median", format!("{half:.1}"));
    report.tell("accepted to stored at half of that, ms: 99th percentile", format!("{most:.1}"));
    database.close().await;
    Ok(())
}

async fn count(database: &Database, condition: &str) -> Outcome<i64> {
    let sql = format!("SELECT count(*) AS value FROM files WHERE {condition}");
    Ok(Number::find_by_statement(Statement::from_string(DbBackend::Sqlite, sql)).one(database.reader()).await?.map_or(0, |row| row.value))
}

/// Milliseconds from accepted to stored, of all but the first ones.
async fn times(database: &Database, skip: i64) -> Outcome<Vec<f64>> {
    let sql = format!(
        "SELECT CAST(round((julianday(stored_at) - julianday(accepted_at)) * 86400000.0) AS INTEGER) AS value \
         FROM files ORDER BY accepted_at LIMIT -1 OFFSET {skip}"
    );
    let rows = Number::find_by_statement(Statement::from_string(DbBackend::Sqlite, sql)).all(database.reader()).await?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds")]
    Ok(rows.into_iter().map(|row| row.value as f64).collect())
}

#[derive(FromQueryResult)]
struct Number {
    value: i64,
}

/// What the bare loop kept is nobody's.
fn empty(folder: &Path) -> Outcome<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name != "log") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
