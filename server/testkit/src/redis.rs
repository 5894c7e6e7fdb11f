//! A Redis server of a test's own.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use portreeve_config::{Cache, Config, Redis};

/// `redis-server` that keeps nothing on disk. Killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    port: u16,
    process: Option<Child>,
}

impl Server {
    /// One that answers.
    ///
    /// # Panics
    /// If there is no program, or it does not start: a test without its engine proves nothing.
    pub fn start() -> Self {
        let mut server = Self { port: crate::port(), process: None };
        server.restart();
        server
    }

    /// Starts it again on the same port, empty.
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&mut self) {
        self.kill();
        let program = program();
        let port = self.port.to_string();
        let mut command = Command::new(&program);
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"]);
        let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.process = Some(started.unwrap_or_else(|error| panic!("{} does not start: {error}", program.display())));
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "redis-server does not answer");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it, and with it all that it knew.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Its process, for signals.
    pub fn id(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Where it is, as an operator would configure it. Patient, since machines that test are slow.
    ///
    /// # Panics
    /// Never: that is a configuration.
    pub fn config(&self) -> Redis {
        config_at(&self.url(), "portreeve")
    }
}

/// A configuration for the Redis at `url`.
///
/// # Panics
/// If that is no URL.
pub fn config_at(url: &str, prefix: &str) -> Redis {
    let variables = [("KIND", "redis"), ("URL", url), ("TIMEOUT", "5s"), ("PREFIX", prefix)];
    let variables = variables.into_iter().map(|(name, value)| (format!("PORTREEVE__CACHE__{name}"), value.to_owned()));
    match Config::load(None, variables).expect("a configuration").cache {
        Cache::Redis(redis) => redis,
        Cache::Memory(_) => unreachable!("Redis was asked for"),
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What `PORTREEVE_TEST_REDIS` names, or the machine's.
fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("PORTREEVE_TEST_REDIS") {
        return named.into();
    }
    let found = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map(|folder| Path::new(folder).join("redis-server"));
    let found = found.into_iter().find(|path| path.is_file());
    found.expect("redis-server is missing: `./test rust` installs it, or PORTREEVE_TEST_REDIS names one")
}
