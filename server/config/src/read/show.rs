//! A configuration as TOML again.

use std::fmt::{self, Write as _};

/// A table that is being written, in the order of its settings.
#[derive(Default)]
pub(crate) struct Shown {
    leaves: Vec<(String, toml::Value)>,
    tables: Vec<(String, Shown)>,
}

impl Shown {
    pub(crate) fn set(&mut self, key: &str, value: toml::Value) {
        self.leaves.push((key.to_owned(), value));
    }

    pub(crate) fn table(&mut self, key: &str, write: impl FnOnce(&mut Self)) {
        let mut table = Self::default();
        write(&mut table);
        self.tables.push((key.to_owned(), table));
    }

    fn write(&self, name: &str, out: &mut String) -> fmt::Result {
        if !name.is_empty() && !self.leaves.is_empty() {
            writeln!(out, "{}[{name}]", if out.is_empty() { "" } else { "\n" })?;
        }
        for (key, value) in &self.leaves {
            writeln!(out, "{key} = {value}")?;
        }
        for (key, table) in &self.tables {
            let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            table.write(&name, out)?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write("", &mut out)?;
        f.write_str(&out)
    }
}
