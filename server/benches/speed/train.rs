//! Nothing is measured here: a program that counts what it runs (`-Cprofile-generate`) is asked what the figures ask, so that `./release` can optimise for that.

use std::time::Duration;

use http::header;

use crate::{
    gateway, me,
    support::{Call, Connection, Outcome, Person, Process, Report, ask_the_usual, drive},
};

/// Of each kind, one after the other.
const REQUESTS: usize = 300;
const PEOPLE: u32 = 64;
/// For each kind that is asked for by many at the same time.
const ROUND: Duration = Duration::from_secs(8);
/// Uploads, and sign-ins, at the same time.
const FEW: usize = 16;

pub(crate) async fn measure() -> Outcome<Report> {
    let data = tempfile::tempdir()?;
    let bearers = me::sign_in(data.path(), PEOPLE).await?;
    let hello = Process::hello()?;
    let mut report = Report::new("What was asked of a program that counts");

    let configuration = format!("throttle.enabled = false\n{}", gateway::before(hello.address));
    let server = Process::portreeve_configured(data.path(), &configuration)?;
    ask_the_usual(server.address, REQUESTS).await?;
    report.tell("of each usual request, one after the other", REQUESTS);
    for path in ["/v1/me", "/hello", "/health"] {
        let calls = bearers.iter().map(|bearer| Call::get(path)?.with(header::AUTHORIZATION, bearer)).collect::<Outcome<Vec<_>>>()?;
        report.tell(path, many(&server, calls).await?);
    }
    let upload = |bearer: &String| Call::sending("/v1/files?name=tide.bin", vec![7; 64 * 1024])?.with(header::AUTHORIZATION, bearer);
    report.tell("uploads", many(&server, bearers.iter().take(FEW).map(upload).collect::<Outcome<_>>()?).await?);
    report.tell("sign-ins", many(&server, (0..PEOPLE).take(FEW).map(Person::signing_in).collect::<Outcome<_>>()?).await?);
    server.stop()?;

    let server = Process::portreeve_configured(data.path(), &format!("tokens.cache_callers = false\n{configuration}"))?;
    let calls = bearers.iter().map(|bearer| Call::get("/v1/me")?.with(header::AUTHORIZATION, bearer)).collect::<Outcome<Vec<_>>>()?;
    report.tell("/v1/me, rows read each time", many(&server, calls).await?);
    server.stop()?;
    Ok(report)
}

/// All of these at the same time, each again and again: how many were answered.
async fn many(server: &Process, calls: Vec<Call>) -> Outcome<f64> {
    let mut clients = Vec::new();
    for call in calls {
        clients.push((Connection::open(server.address).await?, call));
    }
    Ok(drive(&mut clients, ROUND).await?.requests)
}
