//! The syncs that a server makes, counted.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::{Outcome, Process};

/// strace, attached to the server: it slows every call, but counts are counts.
pub(crate) struct Trace {
    strace: Child,
    path: PathBuf,
}

/// Calls of fsync, fdatasync and syncfs.
pub(crate) struct Syncs(String);

impl Trace {
    pub(crate) fn of(server: &Process, folder: &Path) -> Outcome<Self> {
        let path = folder.join("strace");
        let strace = Command::new("strace")
            .args(["-f", "-y", "-e", "trace=fsync,fdatasync,syncfs", "-p", &server.id().to_string(), "-o"])
            .arg(&path)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("strace is needed to count fsyncs (Debian has a package of that name): {error}"))?;
        // Until it has attached to every thread.
        std::thread::sleep(Duration::from_secs(1));
        Ok(Self { strace, path })
    }

    pub(crate) fn end(mut self) -> Outcome<Syncs> {
        let id = i32::try_from(self.strace.id())?;
        let id = rustix::process::Pid::from_raw(id).ok_or("strace has no id")?;
        rustix::process::kill_process(id, rustix::process::Signal::INT)?;
        self.strace.wait()?;
        Ok(Syncs(std::fs::read_to_string(&self.path)?))
    }
}

impl Syncs {
    /// Those on files whose name ends so.
    pub(crate) fn of(&self, end: &str) -> f64 {
        self.count(&format!("{end}>"))
    }

    pub(crate) fn all(&self) -> f64 {
        self.count("")
    }

    fn count(&self, part: &str) -> f64 {
        // A call that another thread interrupts is told in two lines, of which only the first names the file.
        let calls = self.0.lines().filter(|line| (line.contains("sync(") || line.contains("syncfs(")) && line.contains(part)).count();
        u32::try_from(calls).map_or(f64::INFINITY, f64::from)
    }
}
