//! Consumers in processes of their own, each with nothing of the others' memory.

use std::{
    collections::BTreeSet,
    env,
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use portreeve_backends::{
    Clock, Random,
    stream::{Delivery, Failure, Handler, Stream},
};
use portreeve_database::{Database, DbErr, Transaction, Url, event::Event};
use portreeve_testkit::nats;

use super::{Rig, Running, consumer, event, on_each_stream};
use crate::support::eventually;

const KEYS: u64 = 40;
const EACH: u64 = 25;
/// Where the database is, the port of NATS, if any, and the file in which they write down what they handled.
const DATABASE: &str = "PORTREEVE_TEST_PROCESS_DATABASE";
const NATS: &str = "PORTREEVE_TEST_PROCESS_NATS";
const LINES: &str = "PORTREEVE_TEST_PROCESS_LINES";

/// A line for each event, in the order in which they were handled, whoever did it.
struct Scribe(File);

impl Handler for Scribe {
    async fn handle(&self, delivery: &Delivery) -> Result<(), Failure> {
        let event = &delivery.event;
        let line = format!("{} {} {}\n", std::process::id(), event.subject, event.data["number"]);
        // One call, at the file's end wherever that is: of several processes none writes over another's.
        (&self.0).write_all(line.as_bytes()).map_err(|error| Failure::Permanent(error.to_string()))
    }

    async fn gave_up(&self, _: &Transaction, _: &Event, _: &Failure) -> Result<(), DbErr> {
        Ok(())
    }
}

/// What each of the processes does until it is killed. Where no test has started it, there is nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_process() {
    let Some(path) = env::var_os(LINES).map(PathBuf::from) else { return };
    let url = env::var(DATABASE).expect("a database");
    let url = match url.strip_prefix("sqlite:") {
        Some(path) => Url::Sqlite { path: path.into(), readers: 2 },
        None => Url::Postgres { url, connections: 8 },
    };
    let database = Database::connect(&url).await.expect("the database");
    let stream = match env::var(NATS) {
        Ok(port) => Stream::nats(database, Clock::System, Random::System, &nats::config(port.parse().unwrap())).await.expect("NATS"),
        Err(_) => Stream::database(database, Clock::System, Random::System),
    };
    let lines = OpenOptions::new().create(true).append(true).open(&path).expect("the file");
    let _running = Running::start(stream, consumer("many"), &Arc::new(Scribe(lines)));
    std::future::pending::<()>().await;
}

/// Killed when dropped.
struct Process(Child);

impl Process {
    fn start(rig: &Rig, lines: &Path) -> Self {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.args(["--exact", concat!(module_path!(), "::a_process").split_once("::").expect("a path").1]);
        command.env(LINES, lines).stdout(Stdio::null()).stderr(Stdio::null());
        match rig.test.url() {
            Url::Sqlite { path, .. } => command.env(DATABASE, format!("sqlite:{}", path.display())),
            Url::Postgres { url, .. } => command.env(DATABASE, url),
        };
        if let Some(server) = &rig.server {
            command.env(NATS, server.port().to_string());
        }
        Self(command.spawn().expect("a process"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Process, key, and number of each event that was handled.
fn handled(lines: &Path) -> Vec<(String, String, u64)> {
    let text = fs::read_to_string(lines).unwrap_or_default();
    let words = text.lines().map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>());
    words.map(|words| (words[0].clone(), words[1].clone(), words[2].parse().expect("a number"))).collect()
}

on_each_stream!(each_event_is_handled_once_and_those_of_a_key_in_order);

async fn each_event_is_handled_once_and_those_of_a_key_in_order(rig: Rig) {
    let lines = rig.test.path("handled");
    let processes = [Process::start(&rig, &lines), Process::start(&rig, &lines)];
    let ids: BTreeSet<String> = processes.iter().map(|process| process.0.id().to_string()).collect();
    // Until both are at work.
    let mut number = 0;
    let mut append = async || {
        rig.append_all((0..KEYS).map(|key| event("file.accepted", &format!("key-{key}"), number)).collect()).await;
        number += 1;
    };
    eventually("both are at work", async || {
        append().await;
        let at_work: BTreeSet<String> = handled(&lines).into_iter().map(|(process, ..)| process).collect();
        at_work == ids
    })
    .await;
    for _ in 0..EACH {
        append().await;
    }
    rig.settled("many").await;
    let all = handled(&lines);
    for key in 0..KEYS {
        let of_key = all.iter().filter(|(_, its, _)| *its == format!("key-{key}")).map(|(.., number)| *number);
        assert!(of_key.eq(0..number), "key {key} is out of order, or not all of it came once");
    }
}
