//! Environment variables: `PORTREEVE__SECTION__KEY`, and deeper.

use super::{Node, Place, Problem, Raw, Table, Value};

const PREFIX: &str = "PORTREEVE__";
const MISSPELT: &str = "PORTREEVE_";

/// The variables that begin with `PORTREEVE__`, as a tree; all others are somebody else's, except those that only look misspelt.
pub(crate) fn tree(variables: impl Iterator<Item = (String, String)>, problems: &mut Vec<Problem>) -> Table {
    let mut variables: Vec<_> = variables.filter(|(name, _)| name.starts_with(MISSPELT)).collect();
    variables.sort();
    let mut root = Table::new();
    for (name, value) in variables {
        let path = name.strip_prefix(PREFIX).map(str::to_lowercase);
        let place = Place::Environment { variable: name };
        let Some(path) = path else {
            if place.to_string().contains("__") {
                problems.push(Problem { place, message: format!("A setting's variable begins with {PREFIX}, with two underscores.") });
            }
            continue;
        };
        if let Err(message) = insert(&mut root, &path, &place, value) {
            problems.push(Problem { place, message });
        }
    }
    root
}

fn insert(table: &mut Table, path: &str, place: &Place, text: String) -> Result<(), String> {
    let clash = || Err("Another variable gives the section around this setting a value of its own. Keep one of the two.".to_owned());
    match path.split_once("__") {
        Some((section, rest)) => {
            let inner = table.entry(section.to_owned()).or_insert_with(|| Node { place: place.clone(), value: Value::Table(Table::new()) });
            match &mut inner.value {
                Value::Table(inner) => insert(inner, rest, place, text),
                Value::Leaf(_) | Value::Tables(_) => clash(),
            }
        }
        None if table.contains_key(path) => clash(),
        None => {
            table.insert(path.to_owned(), Node { place: place.clone(), value: Value::Leaf(Raw::Environment(text)) });
            Ok(())
        }
    }
}
