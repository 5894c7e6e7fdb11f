//! TOML files, with the line of each value.

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::{Node, Place, Problem, Raw, Table, Value};

/// Reads the file an operator named.
pub(crate) fn read(path: &std::path::Path, problems: &mut Vec<Problem>) -> Table {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(source) => text(&source, &|line| Place::File { path: name.clone(), line }, problems),
        Err(error) => {
            problems.push(Problem { place: Place::File { path: name, line: 0 }, message: format!("The file cannot be read: {error}.") });
            Table::new()
        }
    }
}

/// Reads TOML; `place` names a line of it.
pub(crate) fn text(source: &str, place: &dyn Fn(usize) -> Place, problems: &mut Vec<Problem>) -> Table {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    match DeTable::parse(source) {
        Ok(table) => Lines { source, place }.table(table.into_inner(), problems),
        // Only the parser's sentence: its full text quotes the line, and the line may hold a secret.
        Err(error) => {
            let lines = Lines { source, place };
            let line = error.span().map_or(1, |span| lines.line(span.start));
            problems.push(Problem { place: place(line), message: format!("This is not TOML: {}.", error.message()) });
            Table::new()
        }
    }
}

struct Lines<'a> {
    source: &'a str,
    place: &'a dyn Fn(usize) -> Place,
}

impl Lines<'_> {
    fn line(&self, offset: usize) -> usize {
        self.source.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }

    fn table(&self, table: DeTable<'_>, problems: &mut Vec<Problem>) -> Table {
        let mut nodes = Table::new();
        for (key, value) in table {
            let place = (self.place)(self.line(key.span().start));
            if let Some(value) = self.value(value, &place, problems) {
                nodes.insert(key.into_inner().into_owned(), Node { place, value });
            }
        }
        nodes
    }

    fn value(&self, value: Spanned<DeValue<'_>>, place: &Place, problems: &mut Vec<Problem>) -> Option<Value> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => Some(Value::Table(self.table(table, problems))),
            DeValue::Array(items) if !items.is_empty() && items.iter().all(|item| matches!(item.get_ref(), DeValue::Table(_))) => {
                let tables = items.into_iter().filter_map(|item| {
                    let place = (self.place)(self.line(item.span().start));
                    match item.into_inner() {
                        DeValue::Table(table) => Some((place, self.table(table, problems))),
                        _ => None,
                    }
                });
                Some(Value::Tables(tables.collect()))
            }
            leaf => match toml::Value::deserialize(ValueDeserializer::from(Spanned::new(span, leaf))) {
                Ok(value) => Some(Value::Leaf(Raw::Toml(value))),
                Err(error) => {
                    problems.push(Problem { place: place.clone(), message: format!("This is not TOML: {}.", error.message()) });
                    None
                }
            },
        }
    }
}
