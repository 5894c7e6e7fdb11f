//! A configuration as TOML again.

use std::fmt::{self, Write as _};

/// A table that is being written, in the order of its settings.
#[derive(Default)]
pub(crate) struct Shown {
    leaves: Vec<(String, toml::Value)>,
    tables: Vec<(String, Shown)>,
    /// `[[name]]`
    lists: Vec<(String, Vec<Shown>)>,
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

    pub(crate) fn each<T>(&mut self, key: &str, all: &[T], write: impl Fn(&T, &mut Self)) {
        let shown = all.iter().map(|one| {
            let mut table = Self::default();
            write(one, &mut table);
            table
        });
        self.lists.push((key.to_owned(), shown.collect()));
    }

    fn write(&self, name: &str, out: &mut String) -> fmt::Result {
        if !name.is_empty() && !self.leaves.is_empty() {
            writeln!(out, "{}[{name}]", if out.is_empty() { "" } else { "\n" })?;
        }
        self.write_below(name, out)
    }

    /// All but the line with the name.
    fn write_below(&self, name: &str, out: &mut String) -> fmt::Result {
        for (key, value) in &self.leaves {
            writeln!(out, "{key} = {value}")?;
        }
        let inner = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
        for (key, table) in &self.tables {
            table.write(&inner(key), out)?;
        }
        for (key, list) in &self.lists {
            for table in list {
                writeln!(out, "\n[[{}]]", inner(key))?;
                table.write_below(&inner(key), out)?;
            }
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
