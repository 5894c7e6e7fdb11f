//! A thousand slow connections at once, made by slowhttptest, while others are served.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::support::process::{Process, portreeve};

const CONNECTIONS: &str = "1000";

/// Opens them and waits until none is left, or says what it saw instead.
async fn attack(process: &Process, path: &str, how: &[&str]) {
    let url = format!("{}{path}", process.url);
    let mut command = Command::new("slowhttptest");
    command.args(["-c", CONNECTIONS, "-r", "200", "-l", "240", "-i", "3", "-p", "60", "-u", &url]).args(how);
    let slow = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let slow = slow.expect("slowhttptest, which `./test rust` installs");
    let mut ended = tokio::task::spawn_blocking(move || slow.wait_with_output());

    let client = reqwest::Client::builder().timeout(Duration::from_mins(1)).build().unwrap();
    let (begun, mut served) = (Instant::now(), 0);
    let output = loop {
        // Each on a connection of its own, as a newcomer.
        let answer = client.get(format!("{}/health", process.url)).header("connection", "close").send().await;
        assert_eq!(answer.expect("an answer").status(), 200, "after {served} that were served");
        served += 1;
        tokio::select! {
            output = &mut ended => break output.unwrap().unwrap(),
            () = tokio::time::sleep(Duration::from_millis(50)) => {}
        }
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("No open connections left"), "{how:?}: {said}");
    assert!(served > 10, "{served} in {:?}", begun.elapsed());
}

/// How many connections the system holds on that port, those that nobody serves any more among them.
fn held(process: &Process) -> usize {
    let port: u16 = process.url.rsplit_once(':').unwrap().1.parse().unwrap();
    let local = format!(":{port:04X}");
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let fields = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    // All states but TIME_WAIT, in which nothing is kept, and LISTEN.
    fields.filter(|fields| fields[1].ends_with(&local) && !matches!(fields[3], "06" | "0A")).count()
}

#[tokio::test]
async fn who_reads_nothing_holds_no_memory_of_the_system() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = portreeve(folder.path());
    for name in ["HEADER_TIMEOUT", "WRITE_TIMEOUT", "IDLE_TIMEOUT"] {
        command.env(format!("PORTREEVE__PUBLIC__{name}"), "5s");
    }
    let process = Process::spawn(command.arg("serve"));
    let mut slow = Command::new("slowhttptest");
    slow.args(["-X", "-c", "200", "-r", "200", "-l", "240", "-p", "60", "-k", "3", "-n", "5", "-w", "10", "-y", "100", "-z", "5", "-u"]);
    let mut slow = slow.arg(format!("{}/v1/openapi.json", process.url)).stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let (begun, mut most) = (Instant::now(), 0);
    loop {
        let now = held(&process);
        most = most.max(now);
        if most > 100 && now == 0 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{now} of {most} are held");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // It notices nothing, since it does not read.
    assert!(slow.try_wait().unwrap().is_none(), "those were its own ends");
    slow.kill().unwrap();
    slow.wait().unwrap();
}

#[tokio::test]
async fn a_thousand_slow_clients_are_cut_off_and_all_others_served() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = portreeve(folder.path());
    for (name, value) in [("CONNECTIONS_PER_ADDRESS", "2000"), ("HEADER_TIMEOUT", "5s"), ("BODY_TIMEOUT", "5s")] {
        command.env(format!("PORTREEVE__PUBLIC__{name}"), value);
    }
    let process = Process::spawn(command.arg("serve"));
    attack(&process, "/v1/me", &["-H"]).await;
    attack(&process, "/v1/auth/sign-in", &["-B", "-s", "8192", "-x", "10", "-f", "application/json"]).await;
}
