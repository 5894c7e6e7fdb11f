//! What reads notice of a thousand clients that are slow on purpose.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{
    sign_in::read,
    support::{Connection, Outcome, Person, Process, Report, Spread, fill},
};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(5);
const READERS: u32 = 8;
const SLOW: &str = "1000";
/// Long enough for all of them to be there.
const ARRIVAL: Duration = Duration::from_secs(4);
/// Longer than a round, so that all of them are there all the time.
const PATIENCE: &str = "2m";
/// Milliseconds on top of what reads take when nobody is slow.
const FLOOR: f64 = 10.0;

/// How slowhttptest is slow, and where.
const KINDS: [(&str, &str, &[&str]); 3] = [
    ("heads that do not end", "/v1/me", &["-H"]),
    ("bodies that trickle", "/v1/auth/sign-in", &["-B", "-s", "8192", "-x", "10", "-f", "application/json"]),
    ("answers that are not read", "/v1/openapi.json", &["-X", "-k", "8", "-w", "512", "-y", "1024", "-n", "5", "-z", "32"]),
];

pub(crate) async fn measure() -> Outcome<Report> {
    let mut report = Report::new("Reads beside 1 000 slow connections, median (least to most) of 5 rounds of 5 s");
    for (kind, path, how) in KINDS {
        let data = tempfile::tempdir()?;
        fill(data.path(), READERS).await?;
        let settings = ["HEADER_TIMEOUT", "BODY_TIMEOUT", "WRITE_TIMEOUT", "IDLE_TIMEOUT"].map(|name| (name, PATIENCE));
        let server = Process::portreeve_with(data.path(), settings.into_iter().chain([("CONNECTIONS_PER_ADDRESS", "2000")]))?;
        let mut readers = Vec::new();
        for number in 0..READERS {
            let mut connection = Connection::open(server.address).await?;
            let call = Person::sign_in(&mut connection, number).await?.reading()?;
            readers.push((connection, call));
        }
        let mut latencies = Vec::new();
        for _ in 0..ROUNDS {
            let quiet = read(&mut readers, ROUND).await?;
            let attack = Attack::begin(&server, path, how)?;
            tokio::time::sleep(ARRIVAL).await;
            let beside = read(&mut readers, ROUND).await?;
            drop(attack);
            latencies.push((quiet, beside));
        }
        report.tell(format!("{kind}: p99 of reads without them, ms"), Spread::of(latencies.iter().map(|round| round.0)));
        report.tell(format!("{kind}: p99 of reads beside them, ms"), Spread::of(latencies.iter().map(|round| round.1)));
        let slower = Spread::of(latencies.iter().map(|(quiet, beside)| beside - quiet));
        report.hold(format!("{kind}: difference, ms"), slower, "≤ 10", slower.median <= FLOOR);
    }
    Ok(report)
}

/// Until it is dropped.
struct Attack(Child);

impl Attack {
    fn begin(server: &Process, path: &str, how: &[&str]) -> Outcome<Self> {
        let url = format!("http://{}{path}", server.address);
        let mut command = Command::new("slowhttptest");
        command.args(["-c", SLOW, "-r", SLOW, "-l", "60", "-i", "3", "-p", "60", "-u", &url]).args(how);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Self(child.map_err(|error| format!("slowhttptest, which `./test rust` installs: {error}"))?))
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
