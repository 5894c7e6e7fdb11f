//! What the sources said, each value with its place, before any type has looked at it.

use std::collections::BTreeMap;

use super::Place;

/// A table by its keys.
pub(crate) type Table = BTreeMap<String, Node>;

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Table(Table),
    /// `[[name]]`, each where it stands.
    Tables(Vec<(Place, Table)>),
    Leaf(Raw),
}

/// Of what looks like a URL with credentials, which no setting that is quoted may have, all but the password, or the token that stands alone.
pub(crate) fn without_password(text: &str) -> String {
    let Some((credentials, host)) = text.rsplit_once('@') else { return text.to_owned() };
    let (scheme, credentials) = credentials.split_once("://").map_or(("", credentials), |(scheme, rest)| (scheme, rest));
    let slashes = if scheme.is_empty() { "" } else { "://" };
    match credentials.split_once(':') {
        Some((user, _)) => format!("{scheme}{slashes}{user}:…@{host}"),
        None if scheme.is_empty() => text.to_owned(),
        None => format!("{scheme}{slashes}…@{host}"),
    }
}

/// A single value as its source wrote it. TOML has types; an environment variable is text that the setting's type reads.
#[derive(Clone, Debug)]
pub(crate) enum Raw {
    Toml(toml::Value),
    Environment(String),
}

impl Raw {
    /// As a mistake quotes it.
    pub(crate) fn quoted(&self) -> String {
        let quoted = match self {
            Self::Toml(value) => value.to_string(),
            Self::Environment(text) => toml::Value::from(text.as_str()).to_string(),
        };
        let quoted = without_password(&quoted);
        match quoted.char_indices().nth(120) {
            Some((at, _)) => format!("{}…", &quoted[..at]),
            None => quoted,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Toml(value) => value.as_str(),
            Self::Environment(text) => Some(text),
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        match self {
            Self::Toml(value) => value.as_integer(),
            Self::Environment(text) => text.trim().parse().ok(),
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Toml(toml::Value::Float(number)) => Some(*number),
            // `1` means `1.0`.
            Self::Toml(toml::Value::Integer(number)) => i32::try_from(*number).ok().map(f64::from),
            Self::Toml(_) => None,
            Self::Environment(text) => text.trim().parse().ok(),
        }
    }

    pub(crate) fn boolean(&self) -> Option<bool> {
        match self {
            Self::Toml(value) => value.as_bool(),
            Self::Environment(text) => text.trim().parse().ok(),
        }
    }

    /// A TOML array; in the environment that too, or the items with commas between them.
    pub(crate) fn list(&self) -> Option<Vec<Self>> {
        let items = |values: &[toml::Value]| values.iter().cloned().map(Self::Toml).collect();
        match self {
            Self::Toml(value) => value.as_array().map(|values| items(values)),
            Self::Environment(text) if text.trim_start().starts_with('[') => {
                let value: toml::Value = toml::from_str::<toml::Table>(&format!("list = {text}")).ok()?.remove("list")?;
                value.as_array().map(|values| items(values))
            }
            Self::Environment(text) => Some(
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(|item| Self::Environment(item.to_owned())).collect(),
            ),
        }
    }
}

/// Lays one source over another: what `over` says, wins, key by key.
///
/// A table whose `kind` becomes another one replaces the table below as a whole, because the keys of one kind mean nothing, or worse
/// something else, to another.
pub(crate) fn overlay(base: &mut Table, over: Table) {
    for (key, node) in over {
        let Node { place, value } = node;
        match (base.get_mut(&key), value) {
            (Some(Node { value: Value::Table(below), .. }), Value::Table(above)) => {
                if changes_kind(below, &above) {
                    base.insert(key, Node { place, value: Value::Table(above) });
                } else {
                    overlay(below, above);
                }
            }
            (_, value) => {
                base.insert(key, Node { place, value });
            }
        }
    }
}

fn changes_kind(below: &Table, above: &Table) -> bool {
    let kind = |table: &Table| match table.get("kind") {
        Some(Node { value: Value::Leaf(raw), .. }) => raw.text().map(str::to_owned),
        _ => None,
    };
    matches!((kind(below), kind(above)), (Some(below), Some(above)) if below != above)
}
