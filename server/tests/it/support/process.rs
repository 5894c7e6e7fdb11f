//! The program itself, in a process of its own.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

/// A `portreeve serve`, or a `portreeve worker`, of its own; killed when dropped.
pub(crate) struct Process {
    pub(crate) child: Child,
    /// A server's.
    pub(crate) url: String,
}

/// What a worker says when it is ready; a server names its address.
const AT_WORK: &str = "Portreeve's worker is at work";

/// The program, with its data in `data` and on free ports.
pub(crate) fn portreeve(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portreeve"));
    command
        .env("PORTREEVE__DATA__PATH", data)
        .env("PORTREEVE__PUBLIC_URL", "http://127.0.0.1:0")
        .env("PORTREEVE__PUBLIC__LISTEN", "127.0.0.1:0")
        .env("PORTREEVE__INTERNAL__LISTEN", "127.0.0.1:0")
        .env("PORTREEVE__THROTTLE__ENABLED", "false")
        .env("PORTREEVE__LOG__LEVEL", "error");
    command
}

impl Process {
    pub(crate) fn start(data: &Path) -> Self {
        Self::spawn(portreeve(data).arg("serve"))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self::spawn_logging(command, Stdio::null())
    }

    /// With its log kept.
    pub(crate) fn spawn_logging(command: &mut Command, log: impl Into<Stdio>) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("a process");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("an output")).read_line(&mut line).expect("a line");
        let url = line.trim().rsplit(' ').next().unwrap_or_default().trim_end_matches('/').to_owned();
        assert!(url.starts_with("http://") || line.trim() == AT_WORK, "it said “{line}”");
        Self { child, url }
    }

    pub(crate) fn signal(&self, name: &str) {
        let done = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().expect("kill");
        assert!(done.success());
    }

    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What it says when it ends as it should not.
pub(crate) fn fails(command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().expect("a process");
    assert_eq!(status.code(), Some(1));
    String::from_utf8(stderr).expect("text")
}

pub(crate) async fn call(url: &str, function: &str, body: &serde_json::Value, cookie: &str) -> reqwest::Result<reqwest::Response> {
    let client = reqwest::Client::new();
    client.post(format!("{url}/api/{function}")).header("sec-fetch-site", "same-origin").header("cookie", cookie).json(body).send().await
}

pub(crate) fn refresh_cookie(response: &reqwest::Response) -> String {
    let lines = response.headers().get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    lines
        .filter(|line| line.starts_with("__Host-portreeve_refresh="))
        .map(|line| line.split(';').next().unwrap().to_owned())
        .next()
        .expect("a cookie")
}
