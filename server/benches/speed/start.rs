//! From the start of the process to the first page, and what an idle server holds.

use std::time::{Duration, Instant};

use crate::support::{Call, Connection, Outcome, Process, Report, Spread, fill};

const STARTS: usize = 15;
const USERS: u32 = 10_000;
/// Milliseconds.
const START_FLOOR: f64 = 100.0;
/// Bytes.
const MEMORY_FLOOR: f64 = 30e6;

pub(crate) async fn measure() -> Outcome<Report> {
    let data = tempfile::tempdir()?;
    fill(data.path(), USERS).await?;
    let page = Call::get("/sign-in")?;
    // The first start makes the keys, once in an installation's life.
    drop(Process::portreeve(data.path())?);

    let (mut times, mut all, mut own) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let started = Instant::now();
        let server = Process::portreeve(data.path())?;
        Connection::open(server.address).await?.succeed(&page).await?;
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (resident, anonymous) = server.resident()?;
        all.push(resident / 1e6);
        own.push(anonymous / 1e6);
    }
    let (time, memory) = (Spread::of(times), Spread::of(all));

    let mut report = Report::new("Starting with 10 000 users, median (least to most) of 15 starts");
    report.hold("from the start of the process to the first page, ms", time, "≤ 100", time.median <= START_FLOOR);
    report.hold("idle memory, MB", memory, "≤ 30", memory.median * 1e6 <= MEMORY_FLOOR);
    report.tell("of it not pages of files, MB", Spread::of(own));
    Ok(report)
}
