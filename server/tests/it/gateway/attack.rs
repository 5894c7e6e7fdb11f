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
