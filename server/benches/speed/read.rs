//! A signed-in person's profile, read over HTTP, against a bare hello: what the tokens, the database and Leptos cost.

use std::time::Duration;

use crate::support::{Call, Connection, Outcome, Person, Process, Report, Spread, drive, email, fill};

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(3);
const CONNECTIONS: u32 = 64;
const USERS: u32 = 10_000;
/// How the threads are called that answer requests, and those that ask SQLite.
const THREADS: [(&str, &str); 2] = [("HTTP, Leptos, SeaORM", "tokio"), ("SQLite", "sqlx-sqlite")];
/// Of the hello's rate.
const FLOOR: f64 = 0.15;

pub(crate) async fn measure() -> Outcome<Report> {
    let data = tempfile::tempdir()?;
    fill(data.path(), USERS).await?;
    let (portreeve, hello) = (Process::portreeve(data.path())?, Process::hello()?);
    let (mut reading, mut greeting) = (Vec::new(), Vec::new());
    for number in 0..CONNECTIONS {
        let mut connection = Connection::open(portreeve.address).await?;
        let call = Person::sign_in(&mut connection, number).await?.reading()?;
        let profile: serde_json::Value = serde_json::from_slice(&connection.succeed(&call).await?.body)?;
        if profile["email"] != email(number) {
            return Err(format!("{profile} is not the profile of {}", email(number)).into());
        }
        reading.push((connection, call));
        greeting.push((Connection::open(hello.address).await?, Call::post("/", &serde_json::json!({}))?));
    }

    let before = spent(&portreeve)?;
    let mut rounds = Vec::new();
    // The first round only warms both up.
    for _ in 0..=ROUNDS {
        rounds.push((per_cpu_second(&portreeve, &mut reading).await?, per_cpu_second(&hello, &mut greeting).await?));
    }
    let after = spent(&portreeve)?;
    let rounds = &rounds[1..];
    // Not before: the server closes those that wait for long.
    let (mut asking, mut passing) = (Vec::new(), Vec::new());
    for _ in 0..CONNECTIONS {
        asking.push((Connection::open(portreeve.address).await?, Call::get("/health")?));
    }
    for _ in 0..ROUNDS {
        passing.push((per_cpu_second(&portreeve, &mut asking).await?, per_cpu_second(&hello, &mut greeting).await?));
    }
    let ratio = Spread::of(rounds.iter().map(|(read, hello)| read / hello));

    let mut report = Report::new("Reading one's profile over HTTP, median (least to most) of 9 rounds of 3 s");
    report.tell("profiles per CPU-second of the server", Spread::of(rounds.iter().map(|round| round.0)));
    report.tell("hellos per CPU-second of a bare Axum server", Spread::of(rounds.iter().map(|round| round.1)));
    report.hold("profiles for each hello", ratio, "≥ 0.15, goal 0.5", ratio.median >= FLOOR);
    let passed = Spread::of(passing.iter().map(|(health, hello)| health / hello));
    report.tell("`/health` for each hello: the gateway's layers and the log line, and nothing behind them", passed);
    let spent: Vec<f64> = after.iter().zip(&before).map(|(after, before)| after - before).collect();
    let all: f64 = spent.iter().sum();
    for ((threads, _), spent) in THREADS.iter().zip(spent.chunks_exact(2)) {
        let [user, kernel] = [spent[0], spent[1]].map(|seconds| 100.0 * seconds / all);
        report.tell(format!("of the CPU time, threads of {threads}"), format!("{user:.0} % themselves, {kernel:.0} % in the kernel"));
    }
    Ok(report)
}

/// CPU seconds in user mode and in the kernel, by kind of thread.
fn spent(server: &Process) -> Outcome<Vec<f64>> {
    Ok(THREADS.iter().map(|(_, name)| server.thread_seconds(name)).collect::<Outcome<Vec<_>>>()?.concat())
}

async fn per_cpu_second(server: &Process, clients: &mut [(Connection, Call)]) -> Outcome<f64> {
    let before = server.cpu_seconds()?;
    let load = drive(clients, ROUND).await?;
    Ok(load.requests / (server.cpu_seconds()? - before))
}
