//! How many instructions a request takes, counted by callgrind: unlike time, the same on every run and beside any load. They are kept in docs/instructions.md, so
//! that a rise shows in review.

use std::{fmt::Write as _, fs, path::Path};

use http::header;

use crate::{
    gateway,
    me::ALL_LAYERS,
    support::{Call, Connection, KEEP, Observed, Outcome, Person, Process, Report, fill},
};

/// Of each request, after as many that only warm up.
const REQUESTS: u32 = 200;
/// By how much a figure may differ from the one that is kept: threads that wait for each other do so differently each time.
const TOLERANCE: f64 = 0.05;
/// A part of an upload.
const FILE: usize = 64 * 1024;
const HEAD: &str = "# Instructions for a request

Counted by callgrind, the kernel's not among them, one request at a time, over 200 of each. `cargo bench -p portreeve-server --bench speed -- instructions` counts anew and
fails if one differs by more than a twentieth; with `PORTREEVE_BENCH_KEEP=1` it writes this file. callgrind's processor knows no instructions for SHA-256 and no
AVX-512, so cryptography counts for more here than it takes.

| Request | Instructions |
| --- | ---: |
";

pub(crate) async fn measure() -> Outcome<Report> {
    let mut counted = vec![("a hello of a bare Axum server".to_owned(), hello().await?)];
    counted.extend(portreeve(ALL_LAYERS, "callers remembered", true).await?);
    counted.push(("a request passed on to a service".to_owned(), passed_on().await?));
    counted.extend(portreeve(&format!("tokens.cache_callers = false\n{ALL_LAYERS}"), "rows read each time", false).await?);

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/instructions.md");
    if std::env::var_os(KEEP).is_some() {
        let mut text = HEAD.to_owned();
        for (what, count) in &counted {
            writeln!(text, "| {what} | {count:.0} |")?;
        }
        fs::write(&path, text)?;
    }
    let kept = fs::read_to_string(&path)?;
    let mut report = Report::new("Instructions for a request, counted by callgrind");
    for (what, count) in counted {
        let known = kept.lines().find_map(|line| line.strip_prefix(&format!("| {what} | "))?.strip_suffix(" |")?.parse::<f64>().ok());
        let known = known.ok_or_else(|| format!("docs/instructions.md has no line for {what}; {KEEP}=1 writes it"))?;
        let told = format!("{known:.0} ± 5 %");
        report.hold(what, format!("{count:.0}"), &told, (count / known - 1.0).abs() <= TOLERANCE);
    }
    Ok(report)
}

async fn hello() -> Outcome<f64> {
    let folder = tempfile::tempdir()?;
    let observed = Observed::new(folder.path());
    let server = Process::hello_under(&observed.words())?;
    count(&observed, &server, &mut Connection::open(server.address).await?, &Call::get("/")?).await
}

/// The caller is remembered, and the service gets a token that was made for it.
async fn passed_on() -> Outcome<f64> {
    let (folder, service) = (tempfile::tempdir()?, Process::hello()?);
    fill(folder.path(), 1).await?;
    let observed = Observed::new(folder.path());
    let server = Process::portreeve_under(&observed.words(), folder.path(), &gateway::before(service.address))?;
    let mut connection = Connection::open(server.address).await?;
    let token = Person::sign_in(&mut connection, 0).await?.bearer();
    count(&observed, &server, &mut connection, &Call::get("/hello")?.with(header::AUTHORIZATION, &token)?).await
}

async fn portreeve(configuration: &str, how: &str, all: bool) -> Outcome<Vec<(String, f64)>> {
    let folder = tempfile::tempdir()?;
    fill(folder.path(), 1).await?;
    let observed = Observed::new(folder.path());
    let server = Process::portreeve_under(&observed.words(), folder.path(), configuration)?;
    let mut connection = Connection::open(server.address).await?;
    let mut person = Person::sign_in(&mut connection, 0).await?;
    let token = person.bearer();
    let me = Call::get("/v1/me")?.with(header::AUTHORIZATION, &token)?;
    let mut counted = Vec::new();
    if all {
        counted.push(("`GET /health`".to_owned(), count(&observed, &server, &mut connection, &Call::get("/health")?).await?));
    }
    counted.push((format!("`GET /v1/me`, {how}"), count(&observed, &server, &mut connection, &me).await?));
    if all {
        let upload = Call::sending("/v1/files?name=tide.bin", vec![7; FILE])?.with(header::AUTHORIZATION, &token)?;
        counted.push(("an upload of 64 KiB, stored".to_owned(), count(&observed, &server, &mut connection, &upload).await?));
        for counts in [false, true] {
            if counts {
                observed.dump(&server)?;
            }
            for _ in 0..REQUESTS {
                person.refresh(&mut connection).await?;
            }
        }
        counted.push(("refreshing: all of a sign-in but the hash".to_owned(), total(&observed, &server)?));
    }
    Ok(counted)
}

/// Instructions for one of these.
async fn count(observed: &Observed, server: &Process, connection: &mut Connection, call: &Call) -> Outcome<f64> {
    for counts in [false, true] {
        if counts {
            observed.dump(server)?;
        }
        for _ in 0..REQUESTS {
            connection.succeed(call).await?;
        }
    }
    total(observed, server)
}

fn total(observed: &Observed, server: &Process) -> Outcome<f64> {
    let dump = observed.dump(server)?;
    let totals = dump.lines().find_map(|line| line.strip_prefix("totals: ")).ok_or("a dump without totals")?;
    Ok(totals.trim().parse::<f64>()? / f64::from(REQUESTS))
}
