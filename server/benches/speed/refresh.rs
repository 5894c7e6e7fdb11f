//! Refreshing, durably: how often the disk is waited for, and how close that comes to the disk itself.

use std::{
    fs::File,
    io::Write,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::support::{Connection, Load, Outcome, Person, Process, Report, Spread, fill};

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
        let each = synced.log / refreshed;
        report.hold(format!("fsyncs of the log for a refresh, {what}"), format!("{each:.3}"), told, each < floor + 0.01);
        report.tell(format!("fsyncs of checkpoints for a refresh, {what}"), format!("{:.4}", synced.checkpoints / refreshed));
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

/// strace, attached to the server: it slows every call, but counts are counts.
struct Trace {
    strace: Child,
    path: std::path::PathBuf,
}

/// Calls of fsync and fdatasync.
struct Synced {
    /// On the write-ahead log: a commit.
    log: f64,
    /// On the database itself: now and then the log is moved into it.
    checkpoints: f64,
}

impl Trace {
    fn of(server: &Process, folder: &Path) -> Outcome<Self> {
        let path = folder.join("strace");
        let strace = Command::new("strace")
            .args(["-f", "-y", "-e", "trace=fsync,fdatasync", "-p", &server.id().to_string(), "-o"])
            .arg(&path)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("strace is needed to count fsyncs (Debian has a package of that name): {error}"))?;
        // Until it has attached to every thread.
        std::thread::sleep(Duration::from_secs(1));
        Ok(Self { strace, path })
    }

    fn end(mut self) -> Outcome<Synced> {
        let id = i32::try_from(self.strace.id())?;
        let id = rustix::process::Pid::from_raw(id).ok_or("strace has no id")?;
        rustix::process::kill_process(id, rustix::process::Signal::INT)?;
        self.strace.wait()?;
        let lines = std::fs::read_to_string(&self.path)?;
        // A call that another thread interrupts is told in two lines, of which only the first names the file.
        let calls = |file: &str| lines.lines().filter(|line| line.contains("sync(") && line.contains(file)).count();
        let (log, checkpoints) = (u32::try_from(calls("-wal>"))?, u32::try_from(calls(".db>"))?);
        if log == 0 {
            return Err("strace saw no fsync; may it attach to processes here?".into());
        }
        Ok(Synced { log: log.into(), checkpoints: checkpoints.into() })
    }
}
