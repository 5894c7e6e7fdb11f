//! A PostgreSQL of a test's own, which may be treated badly.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sea_orm::ConnectionTrait;
use tempfile::TempDir;

/// Its data go with it when this is dropped.
pub(crate) struct Postgres {
    programs: PathBuf,
    port: u16,
    folder: TempDir,
}

impl Postgres {
    pub(crate) fn start() -> Self {
        let programs = std::env::var_os("PORTREEVE_TEST_POSTGRES").expect("PORTREEVE_TEST_POSTGRES, the folder of PostgreSQL's programs");
        let port = portreeve_testkit::port();
        let postgres = Self { programs: programs.into(), port, folder: tempfile::tempdir().unwrap() };
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(postgres.folder.path()).status().unwrap().success());
        }
        // Small segments of the log, so that a limit for all files can be small.
        let mut init = postgres.program("", "initdb");
        init.args(["--username=portreeve", "--auth=trust", "--no-sync", "--wal-segsize=1"]);
        assert!(init.status().unwrap().success());
        postgres.restart(None);
        postgres
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://portreeve@127.0.0.1:{}/postgres", self.port)
    }

    /// As the power cut does it, but for the disk.
    pub(crate) fn crash(&self) {
        assert!(self.program("", "pg_ctl").args(["--mode=immediate", "stop"]).status().unwrap().success());
    }

    /// As its operator does it: whatever it was told is in its files.
    pub(crate) fn stop(&self) {
        assert!(self.program("", "pg_ctl").args(["--mode=fast", "stop"]).status().unwrap().success());
    }

    /// Comes back; if there is a limit, none of its files may have more than so many bytes, as if the disk were full.
    pub(crate) fn restart(&self, limit: Option<u64>) {
        let limit = limit.map(|bytes| format!("ulimit -f {}; ", bytes / 512)).unwrap_or_default();
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=", self.port);
        let mut start = self.program(&limit, "pg_ctl");
        start.args(["--wait", "--options", &options, "--log"]).arg(self.folder.path().join("log")).arg("start");
        assert!(start.status().unwrap().success());
    }

    /// Has events that nobody wants, of so many bytes together.
    pub(crate) async fn fill_events(&self, bytes: u64) {
        let database = sea_orm::Database::connect(self.url()).await.unwrap();
        let fill = format!(
            "DO $$ BEGIN WHILE pg_relation_size('events') < {bytes} LOOP \
             INSERT INTO events (id, type, subject, data, time) SELECT gen_random_uuid(), 'test.filling', 'none', '{{}}', now() \
             FROM generate_series(1, 10); END LOOP; END $$"
        );
        database.execute_unprepared(&fill).await.unwrap();
        database.close().await.unwrap();
    }

    /// Bytes of the longest of its files.
    pub(crate) fn longest(&self) -> u64 {
        longest(&self.folder.path().join("data")).unwrap()
    }

    /// It refuses to run as root, who runs it as the user that its package made.
    fn program(&self, before: &str, name: &str) -> Command {
        let script = format!("{before}exec \"$@\"");
        let mut command = Command::new(if is_root() { "runuser" } else { "sh" });
        if is_root() {
            command.args(["-u", "postgres", "--", "sh"]);
        }
        command.args(["-c", &script, "sh"]).arg(self.programs.join(name)).arg("--pgdata").arg(self.folder.path().join("data"));
        command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.program("", "pg_ctl").args(["--mode=immediate", "stop"]).status();
    }
}

fn longest(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes = bytes.max(if metadata.is_dir() { longest(&entry.path())? } else { metadata.len() });
    }
    Ok(bytes)
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
