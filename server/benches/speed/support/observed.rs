//! Programs under valgrind's callgrind, which counts what each function runs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{Outcome, Process};

/// A program under callgrind.
pub(crate) struct Observed(PathBuf);

impl Observed {
    /// Dumps go into the folder.
    pub(crate) fn new(folder: &Path) -> Self {
        Self(folder.join("callgrind"))
    }

    /// What the program is run by.
    pub(crate) fn words(&self) -> Vec<String> {
        ["valgrind", "--tool=callgrind", "--demangle=no"]
            .map(str::to_owned)
            .into_iter()
            .chain([format!("--callgrind-out-file={}", self.0.display())])
            .collect()
    }

    /// All that was counted since the last dump.
    pub(crate) fn dump(&self, server: &Process) -> Outcome<String> {
        let done = Command::new("callgrind_control")
            .args(["--dump", &server.id().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|error| format!("valgrind is needed to count (Debian has a package of that name): {error}"))?;
        if !done.success() {
            return Err("callgrind cannot be told to dump".into());
        }
        // Each dump is a file with the next number.
        let newest =
            (1..=u16::MAX).map(|number| PathBuf::from(format!("{}.{number}", self.0.display()))).take_while(|path| path.exists()).last();
        Ok(fs::read_to_string(newest.ok_or("callgrind has dumped nothing")?)?)
    }
}
