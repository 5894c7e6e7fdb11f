//! Hands each setting of a table to its type, and collects what is wrong.

use std::collections::BTreeSet;

use super::{Node, Place, Problem, Shown, Table, Value};

/// The mistake is among the problems already.
pub(crate) struct Reported;

/// A setting, or nothing where none was written.
pub(crate) type Given<T> = Result<Option<T>, Reported>;

/// What can stand at a key of a table: a value, a section, a secret, or something that may be left out.
pub(crate) trait Read: Sized {
    /// Reads what `key` holds.
    fn read(reader: &mut Reader<'_>, key: &str) -> Given<Self>;

    /// Writes it as `config show` shows it.
    fn show(&self, key: &str, shown: &mut Shown);

    /// What would be right, completing "Write …".
    fn want() -> String;

    /// As a mistake quotes it; `None` for what must not be repeated.
    fn quoted(&self) -> Option<String> {
        None
    }
}

/// A table whose every key is a setting.
pub(crate) trait Section: Sized {
    /// Reads all of them, and refuses what is none.
    fn fields(reader: &mut Reader<'_>) -> Result<Self, Reported>;

    /// Writes all of them.
    fn show_fields(&self, shown: &mut Shown);
}

impl<T: Read> Read for Option<T> {
    fn read(reader: &mut Reader<'_>, key: &str) -> Given<Self> {
        Ok(Some(T::read(reader, key)?))
    }

    fn show(&self, key: &str, shown: &mut Shown) {
        if let Some(value) = self {
            value.show(key, shown);
        }
    }

    fn want() -> String {
        T::want()
    }
}

/// What must hold beyond a type.
pub(crate) struct Bound<T> {
    holds: Box<dyn Fn(&T) -> bool>,
    /// Completes "It must be …".
    want: String,
}

impl<T> Bound<T> {
    pub(crate) fn new(holds: impl Fn(&T) -> bool + 'static, want: impl Into<String>) -> Self {
        Self { holds: Box::new(holds), want: want.into() }
    }
}

/// What several settings of a section cannot be together: their names, and the sentence about it.
pub(crate) type Conflict = (&'static [&'static str], String);

/// One table while it is being read.
pub(crate) struct Reader<'a> {
    name: String,
    place: Place,
    table: &'a Table,
    known: BTreeSet<String>,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(crate) fn root(table: &'a Table, problems: &'a mut Vec<Problem>) -> Self {
        Self { name: String::new(), place: Place::Default { line: 1 }, table, known: BTreeSet::new(), problems }
    }

    /// The setting's full name.
    pub(crate) fn name_of(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// All that is written here.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.table.keys().cloned().collect()
    }

    /// What is written at `key`, which is known from here on.
    pub(crate) fn node(&mut self, key: &str) -> Option<&'a Node> {
        self.known.insert(key.to_owned());
        self.table.get(key)
    }

    /// Where `key`, perhaps of an inner table, is written; else where its table begins.
    fn place_of(&self, key: &str) -> Place {
        let mut place = &self.place;
        let mut table = self.table;
        for part in key.split('.') {
            let Some(node) = table.get(part) else { break };
            place = &node.place;
            match &node.value {
                Value::Table(inner) => table = inner,
                Value::Leaf(_) | Value::Tables(_) => break,
            }
        }
        place.clone()
    }

    /// Tells a mistake about `key`.
    pub(crate) fn report(&mut self, key: &str, message: String) -> Reported {
        self.problems.push(Problem { place: self.place_of(key), message });
        Reported
    }

    /// Tells what cannot be together, at the place that was written last: the operator's rather than the default's.
    pub(crate) fn report_conflict(&mut self, (keys, message): Conflict) -> Reported {
        let place = keys.iter().map(|key| self.place_of(key)).max().unwrap_or_else(|| self.place.clone());
        self.problems.push(Problem { place, message });
        Reported
    }

    /// The word that says which kind of table this is.
    pub(crate) fn kind(&mut self) -> Option<&'a str> {
        match &self.node("kind")?.value {
            Value::Leaf(raw) => raw.text(),
            Value::Table(_) | Value::Tables(_) => None,
        }
    }

    /// Tells that the kind is none of `kinds`.
    pub(crate) fn report_kind(&mut self, kinds: &str) -> Reported {
        let name = self.name_of("kind");
        let message = match self.node("kind") {
            None => format!("{name} is missing. Write {kinds}."),
            Some(Node { value: Value::Leaf(raw), .. }) => format!("{name} = {} is not known. Write {kinds}.", raw.quoted()),
            Some(_) => format!("{name} is a single setting, not a section. Write {kinds}."),
        };
        self.report("kind", message)
    }

    /// The setting at `key`, or `default`, within its bound.
    pub(crate) fn get<T: Read>(&mut self, key: &str, default: Option<T>, bound: Option<&Bound<T>>) -> Result<T, Reported> {
        let too = || bound.map(|bound| format!(" It must be {}.", bound.want)).unwrap_or_default();
        let Ok(value) = T::read(self, key) else {
            if let Some(problem) = self.problems.last_mut() {
                problem.message += &too();
            }
            return Err(Reported);
        };
        let Some(value) = value.or(default) else {
            return Err(self.report(key, format!("{} is missing. Write {}.{}", self.name_of(key), T::want(), too())));
        };
        match bound {
            Some(bound) if !(bound.holds)(&value) => {
                let given = value.quoted().map(|given| format!(" = {given}")).unwrap_or_default();
                Err(self.report(key, format!("{}{given} cannot be. It must be {}.", self.name_of(key), bound.want)))
            }
            _ => Ok(value),
        }
    }

    /// The table at `key`.
    pub(crate) fn enter(&mut self, key: &str) -> Given<Reader<'_>> {
        let name = self.name_of(key);
        match self.node(key) {
            None => Ok(None),
            Some(Node { value: Value::Leaf(_) | Value::Tables(_), place }) => {
                let how = match place {
                    Place::Environment { variable } => format!("Set its settings one by one, in variables that begin with {variable}__"),
                    _ => format!("Write [{name}] and its settings below"),
                };
                Err(self.report(key, format!("{name} is a section, not a single setting. {how}.")))
            }
            Some(Node { place, value: Value::Table(table) }) => {
                Ok(Some(Reader { name, place: place.clone(), table, known: BTreeSet::new(), problems: self.problems }))
            }
        }
    }

    /// Each of the tables at `key`.
    pub(crate) fn each<T>(&mut self, key: &str, mut read: impl FnMut(&mut Reader<'_>) -> Result<T, Reported>) -> Given<Vec<T>> {
        let name = self.name_of(key);
        let tables = match self.node(key) {
            None => return Ok(None),
            Some(Node { value: Value::Tables(tables), .. }) => tables,
            Some(Node { value: Value::Leaf(raw), .. }) if raw.list().is_some_and(|items| items.is_empty()) => return Ok(Some(Vec::new())),
            Some(_) => {
                return Err(self.report(
                    key,
                    format!("{name} is a list of sections. Write [[{name}]] in a file for each of them, and its settings below."),
                ));
            }
        };
        // All are read before any is missed, so that every mistake is told.
        let all: Vec<_> = tables
            .iter()
            .map(|(place, table)| {
                read(&mut Reader { name: name.clone(), place: place.clone(), table, known: BTreeSet::new(), problems: self.problems })
            })
            .collect();
        all.into_iter().collect::<Result<_, _>>().map(Some)
    }

    /// Tells of every key that nothing asked for.
    pub(crate) fn refuse_unknown(&mut self) {
        for (key, node) in self.table.iter().filter(|(key, _)| !self.known.contains(*key)) {
            let message = format!("There is no setting {}. {}", self.name_of(key), self.what_there_is(key));
            self.problems.push(Problem { place: node.place.clone(), message });
        }
    }

    /// The setting that was probably meant, or all there are.
    fn what_there_is(&self, key: &str) -> String {
        let likeness = |known: &&String| strsim::jaro_winkler(known, key);
        if let Some(meant) = self.known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|meant| likeness(meant) > 0.85) {
            return format!("Perhaps {} is meant.", self.name_of(meant));
        }
        let known: Vec<&str> = self.known.iter().map(String::as_str).collect();
        let known = known.join(", ");
        match self.table.get("kind") {
            _ if self.name.is_empty() => format!("At the top there can be {known}."),
            Some(Node { value: Value::Leaf(kind), .. }) if self.known.contains("kind") => {
                format!("In [{}] of kind {} there can be {known}.", self.name, kind.quoted())
            }
            _ => format!("In [{}] there can be {known}.", self.name),
        }
    }
}
