//! A NATS server of a test's own.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use portreeve_config::{Config, Nats, Stream};
use tempfile::TempDir;

/// `nats-server` with JetStream in a temporary folder, which syncs whatever it acknowledges. Killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    port: u16,
    folder: TempDir,
    process: Option<Child>,
}

impl Server {
    /// One that answers.
    ///
    /// # Panics
    /// If there is no program, or it does not start: a test without its engine proves nothing.
    pub fn start() -> Self {
        let port = crate::port();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut server = Self { port, folder, process: None };
        server.restart();
        server
    }

    /// Starts it again on the same port and store.
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&mut self) {
        self.kill();
        let config = self.folder.path().join("nats.conf");
        let text = format!(
            "listen: \"127.0.0.1:{}\"\njetstream {{ store_dir: \"{}\", sync_interval: always, max_mem: 64M, max_file: 1G }}\n",
            self.port,
            self.store().display()
        );
        std::fs::write(&config, text).expect("a configuration");
        let log = std::fs::File::create(self.folder.path().join("log")).expect("a log");
        let program = program();
        let started = Command::new(&program).arg("-c").arg(&config).stdout(Stdio::null()).stderr(log).spawn();
        self.process = Some(started.unwrap_or_else(|error| panic!("{} does not start: {error}", program.display())));
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "nats-server does not answer: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it as a power cut would, but for what the system still writes.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Throws away all that it stored. It must not be running.
    ///
    /// # Panics
    /// If it is running.
    pub fn wipe(&mut self) {
        assert!(self.process.is_none(), "a running server does not forget");
        let _ = std::fs::remove_dir_all(self.store());
    }

    /// Where it is, as an operator would configure it.
    ///
    /// # Panics
    /// Never: that is a configuration.
    pub fn config(&self) -> Nats {
        config(self.port)
    }

    /// Where it listens, for another process.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// The configuration of whoever uses the one on that port of this machine.
///
/// # Panics
/// Never: that is a configuration.
pub fn config(port: u16) -> Nats {
    let variables = [("KIND", "nats".to_owned()), ("URL", format!("nats://127.0.0.1:{port}"))];
    let variables = variables.into_iter().map(|(name, value)| (format!("PORTREEVE__STREAM__{name}"), value));
    match Config::load(None, variables).expect("a configuration").stream {
        Stream::Nats(nats) => nats,
        Stream::Database(_) => unreachable!("NATS was asked for"),
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What `PORTREEVE_TEST_NATS` names, or the one that `./test` installed, or the machine's.
fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("PORTREEVE_TEST_NATS") {
        return named.into();
    }
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools");
    let installed = std::fs::read_dir(tools).ok().into_iter().flatten().flatten().map(|entry| entry.path().join("bin/nats-server"));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&on_path).map(|folder| folder.join("nats-server"));
    let found = installed.chain(on_path).find(|path| path.is_file());
    found.expect("nats-server is missing: `./test rust` installs it, or PORTREEVE_TEST_NATS names one")
}
