//! A target whose name leads elsewhere after a while.
#![cfg(target_os = "linux")]

use std::{path::Path, process::Command, time::Duration};

use axum::{Router, routing::any};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::orders;
use crate::support::{
    Service,
    process::{Process, portreeve},
};

async fn named(address: &str, port: u16, name: &'static str) -> Service {
    let listener = TcpListener::bind((address, port)).await.expect("the port");
    Service::serve_on(listener, Router::new().fallback(any(move || async move { name })))
}

/// The server, with a file of its own in the place of `/etc/hosts`.
fn serve(data: &Path, hosts: &Path) -> Process {
    let server = portreeve(data);
    let mut command = Command::new("unshare");
    let there = ["--mount", "--map-root-user", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\""];
    let may = Command::new("unshare").args(&there[..4]).arg("true").status();
    assert!(may.is_ok_and(|status| status.success()), "a place of its own for files is needed here (unshare --mount --map-root-user)");
    command.args(there);
    command.arg(hosts).arg(server.get_program()).arg("serve").arg("--config").arg(data.join("portreeve.toml"));
    command.envs(server.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Process::spawn(&mut command)
}

#[tokio::test]
async fn a_target_is_asked_where_its_name_leads_now() {
    let data = TempDir::new().expect("a folder");
    let hosts = data.path().join("hosts");
    // Written in place: it is the file that is seen, and not its name.
    let lead = |address: &str| std::fs::write(&hosts, format!("127.0.0.1 localhost\n{address} quay.test\n")).expect("a file");
    let port = portreeve_testkit::port();
    let (old, new) = (named("127.0.0.2", port, "old").await, named("127.0.0.3", port, "new").await);
    let upstream = orders(&[&format!("http://quay.test:{port}")], "access = 'public'\nresolve_interval = '100ms'");
    std::fs::write(data.path().join("portreeve.toml"), upstream).expect("a file");
    lead("127.0.0.2");
    let server = serve(data.path(), &hosts);
    let client = reqwest::Client::new();
    let ask = async || client.get(format!("{}/orders", server.url)).send().await.expect("an answer").text().await.expect("text");
    assert_eq!(ask().await, "old");

    lead("127.0.0.3");
    let found = async {
        while ask().await != "new" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), found).await.expect("the new address is found");
    let of_old = old.asked();
    for _ in 0..4 {
        assert_eq!(ask().await, "new");
    }
    assert_eq!(old.asked(), of_old);

    // Whoever answers for names may be away: what was known goes on.
    let before = new.asked();
    std::fs::write(&hosts, "127.0.0.1 localhost\n").expect("a file");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(ask().await, "new");
    assert_eq!(new.asked(), before + 1);
}
