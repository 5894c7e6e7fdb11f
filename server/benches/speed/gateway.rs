//! The gateway before a service: what passing a request on costs, beside nginx and Traefik that do nothing else. The service is a bare hello in a process of
//! its own, whose CPU time is not counted. Portreeve knows who asks, and makes a token for the service; the others let everybody in.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use http::header;

use crate::{
    me::{ALL_LAYERS, sign_in},
    support::{Call, Connection, Outcome, Process, Report, Spread, drive, percentile},
};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);
const CONNECTIONS: u32 = 64;
/// Of each peer's requests per CPU-second.
const NGINX_FLOOR: f64 = 0.5;
const TRAEFIK_FLOOR: f64 = 1.5;

/// Whoever passes requests on, and those who send them.
struct Side {
    name: &'static str,
    server: Process,
    clients: Vec<(Connection, Call)>,
}

pub(crate) async fn measure() -> Outcome<Report> {
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?, tempfile::tempdir()?];
    let hello = Process::hello()?;
    let mut sides = vec![
        portreeve(folders[0].path(), hello.address).await?,
        side("nginx", Process::nginx(folders[1].path(), hello.address)?).await?,
        side("Traefik", Process::traefik(folders[2].path(), hello.address)?).await?,
    ];
    let mut direct = (Connection::open(hello.address).await?, Call::get("/hello")?);
    let mut rounds = Vec::new();
    for _ in 0..=ROUNDS {
        let bare = median(&mut direct).await?;
        let mut round = Vec::new();
        for side in &mut sides {
            let [user_before, kernel_before] = side.server.thread_seconds("")?;
            let load = drive(&mut side.clients, ROUND).await?;
            let [user, kernel] = side.server.thread_seconds("")?;
            let (all, kernel) = (user + kernel - user_before - kernel_before, kernel - kernel_before);
            round.push((load.requests / all, kernel / all, median(&mut side.clients[0]).await? - bare));
        }
        rounds.push((bare, round));
    }
    // The first round only warms up.
    let rounds = &rounds[1..];

    let mut report = Report::new("A request passed on to a service, median (least to most) of 7 rounds of 2 s");
    report.tell("the service asked directly, one request at a time: median, µs", Spread::of(rounds.iter().map(|(bare, _)| bare * 1e6)));
    for (at, side) in sides.iter().enumerate() {
        report.tell(format!("{}: per CPU-second, 64 connections", side.name), Spread::of(rounds.iter().map(|(_, round)| round[at].0)));
        report.tell(format!("{}: of it in the kernel, %", side.name), Spread::of(rounds.iter().map(|(_, round)| round[at].1 * 100.0)));
        report.tell(format!("{}: on top of the median, µs", side.name), Spread::of(rounds.iter().map(|(_, round)| round[at].2 * 1e6)));
    }
    for (at, floor, told) in [(1, NGINX_FLOOR, "≥ 0.5"), (2, TRAEFIK_FLOOR, "≥ 1.5")] {
        let ratio = Spread::of(rounds.iter().map(|(_, round)| round[0].0 / round[at].0));
        report.hold(format!("Portreeve's per CPU-second for each of {}", sides[at].name), ratio, told, ratio.median >= floor);
    }
    Ok(report)
}

/// Every layer on, and this service behind them at `/hello`.
pub(crate) fn before(hello: SocketAddr) -> String {
    format!("{ALL_LAYERS}\n[[gateway.upstream]]\nname = \"hello\"\npath = \"/hello\"\ntargets = [\"http://{hello}\"]\n")
}

async fn portreeve(data: &std::path::Path, hello: SocketAddr) -> Outcome<Side> {
    let bearers = sign_in(data, CONNECTIONS).await?;
    let server = Process::portreeve_configured(data, &before(hello))?;
    let mut clients = Vec::new();
    for bearer in &bearers {
        clients.push((Connection::open(server.address).await?, Call::get("/hello")?.with(header::AUTHORIZATION, bearer)?));
    }
    Ok(Side { name: "Portreeve", server, clients })
}

async fn side(name: &'static str, server: Process) -> Outcome<Side> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push((Connection::open(server.address).await?, Call::get("/hello")?));
    }
    Ok(Side { name, server, clients })
}

/// How long a request takes that is alone, in seconds.
async fn median((connection, call): &mut (Connection, Call)) -> Outcome<f64> {
    let (started, mut times) = (Instant::now(), Vec::new());
    while started.elapsed() < ROUND / 2 {
        let sent = Instant::now();
        connection.succeed(call).await?;
        times.push(sent.elapsed().as_secs_f64());
    }
    Ok(percentile(&mut times, 50))
}
