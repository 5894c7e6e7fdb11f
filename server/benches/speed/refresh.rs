//! Refreshing, durably: how often the disk is waited for, and how close that comes to the disk itself.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use crate::support::{Connection, Load, Outcome, Person, Process, Report, Spread, Trace, fill};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);
const IN_FLIGHT: u32 = 64;
const USERS: u32 = 10_000;
/// Fsyncs for a refresh, alone and in company. One commit each is one fsync; what the log is synced on top of that, when every thousand of its
/// pages have been moved into the database, is less than a hundredth.
const ALONE_FLOOR: f64 = 1.0;
const TOGETHER_FLOOR: f64 = 1.0 / 8.0;

pub(crate) async fn measure() -> Outcome<Report> {
    let data = tempfile::tempdir()?;
    fill(data.path(), USERS).await?;
    let server = Process::portreeve(data.path())?;
    let mut people = Vec::new();
    for number in 0..IN_FLIGHT {
        let mut connection = Connection::open(server.address).await?;
        let person = Person::sign_in(&mut connection, number).await?;
        people.push((connection, person));
    }

    let mut rounds = Vec::new();
    for _ in 0..=ROUNDS {
        let disk = append(data.path(), ROUND)?.per_second();
        let alone = refresh(&mut people[..1], ROUND).await?.per_second();
        let together = refresh(&mut people, ROUND).await?.per_second();
        rounds.push((disk, alone, together));
    }
    let rounds = &rounds[1..];

    let mut report = Report::new("Refreshing with rotation, durably, median (least to most) of 7 rounds of 2 s");
    report.tell("fdatasyncs of a 4 KiB append per second, the disk's own pace", Spread::of(rounds.iter().map(|round| round.0)));
    report.tell("refreshes per second, one at a time", Spread::of(rounds.iter().map(|round| round.1)));
    report.tell("for each fdatasync of the disk's", Spread::of(rounds.iter().map(|round| round.1 / round.0)));
    report.tell("refreshes per second, 64 in flight", Spread::of(rounds.iter().map(|round| round.2)));
    report.tell("for each fdatasync of the disk's", Spread::of(rounds.iter().map(|round| round.2 / round.0)));
    for (what, count, floor, told) in [("alone", 1, ALONE_FLOOR, "≤ 1"), ("64 in flight", people.len(), TOGETHER_FLOOR, "≤ 0.125")] {
        let trace = Trace::of(&server, data.path())?;
        let refreshed = refresh(&mut people[..count], 2 * ROUND).await?.requests;
        let synced = trace.end()?;
        let (log, checkpoints) = (synced.of("-wal"), synced.of(".db"));
        if log == 0.0 {
            return Err("strace saw no fsync; may it attach to processes here?".into());
        }
        let each = log / refreshed;
        report.hold(format!("fsyncs of the log for a refresh, {what}"), format!("{each:.3}"), told, each < floor + 0.01);
        report.tell(format!("fsyncs of checkpoints for a refresh, {what}"), format!("{:.4}", checkpoints / refreshed));
    }
    Ok(report)
}

/// Each person exchanges one token after the other until the time is over.
async fn refresh(people: &mut [(Connection, Person)], time: Duration) -> Outcome<Load> {
    let started = Instant::now();
    let each = people.iter_mut().map(|(connection, person)| async move {
        let mut refreshed = 0_u32;
        while started.elapsed() < time {
            person.refresh(connection).await?;
            refreshed += 1;
        }
        Outcome::Ok(refreshed)
    });
    let requests = futures::future::try_join_all(each).await?.into_iter().map(f64::from).sum();
    Ok(Load { requests, seconds: started.elapsed().as_secs_f64() })
}

/// What the disk can do at most, one after the other.
fn append(folder: &Path, time: Duration) -> Outcome<Load> {
    let path = folder.join("disk");
    let mut file = File::create(&path)?;
    let started = Instant::now();
    let mut appended = 0_u32;
    while started.elapsed() < time {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        appended += 1;
    }
    let load = Load { requests: f64::from(appended), seconds: started.elapsed().as_secs_f64() };
    std::fs::remove_file(path)?;
    Ok(load)
}
