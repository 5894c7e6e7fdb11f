//! A table for docs/performance.md.

use std::fmt;

/// One figure's table.
pub(crate) struct Report {
    title: &'static str,
    rows: Vec<Row>,
}

struct Row {
    what: String,
    measured: String,
    floor: String,
    kept: bool,
}

impl Report {
    pub(crate) fn new(title: &'static str) -> Self {
        Self { title, rows: Vec::new() }
    }

    /// For information.
    pub(crate) fn tell(&mut self, what: impl Into<String>, measured: impl fmt::Display) {
        self.rows.push(Row { what: what.into(), measured: measured.to_string(), floor: String::new(), kept: true });
    }

    /// What has to be at least, or at most, something.
    pub(crate) fn hold(&mut self, what: impl Into<String>, measured: impl fmt::Display, floor: &str, kept: bool) {
        let floor = if kept { floor.to_owned() } else { format!("{floor} **missed**") };
        self.rows.push(Row { what: what.into(), measured: measured.to_string(), floor, kept });
    }

    pub(crate) fn kept(&self) -> bool {
        self.rows.iter().all(|row| row.kept)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} | Measured | Floor |\n| --- | ---: | ---: |", self.title)?;
        self.rows.iter().try_for_each(|row| writeln!(f, "| {} | {} | {} |", row.what, row.measured, row.floor))
    }
}
