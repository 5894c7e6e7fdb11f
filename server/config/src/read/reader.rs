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

/// A bound that goes beyond a type; the error completes "It must be …".
pub(crate) type Check<'a, T> = &'a dyn Fn(&T) -> Result<(), String>;

/// Says which type `check` is for, which an `as` would say too late for the literals in its bounds.
pub(crate) fn check<T>(check: &dyn Fn(&T) -> Result<(), String>) -> Check<'_, T> {
    check
}

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

    /// What is written at `key`, which is known from here on.
    pub(crate) fn node(&mut self, key: &str) -> Option<&'a Node> {
        self.known.insert(key.to_owned());
        self.table.get(key)
    }

    /// Where `key` is written, or its table.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        self.table.get(key).map_or_else(|| self.place.clone(), |node| node.place.clone())
    }

    /// Tells a mistake about `key`.
    pub(crate) fn report(&mut self, key: &str, message: String) -> Reported {
        self.problems.push(Problem { place: self.place_of(key), message });
        Reported
    }

    /// The setting at `key`, or `default`, within its bounds.
    pub(crate) fn get<T: Read>(&mut self, key: &str, default: Option<T>, check: Option<Check<'_, T>>) -> Result<T, Reported> {
        let Some(value) = T::read(self, key)?.or(default) else {
            return Err(self.report(key, format!("{} is missing. Write {}.", self.name_of(key), T::want())));
        };
        if let Some(Err(bounds)) = check.map(|check| check(&value)) {
            let mut shown = Shown::default();
            value.show(key, &mut shown);
            let given = shown.leaf(key).map(|given| format!(" = {given}")).unwrap_or_default();
            return Err(self.report(key, format!("{}{given} cannot be: it must be {bounds}.", self.name_of(key))));
        }
        Ok(value)
    }

    /// The table at `key`.
    pub(crate) fn enter(&mut self, key: &str) -> Given<Reader<'_>> {
        let name = self.name_of(key);
        match self.node(key) {
            None => Ok(None),
            Some(Node { value: Value::Leaf(_), .. }) => {
                Err(self.report(key, format!("{name} is a section. Write [{name}] and its settings below.")))
            }
            Some(Node { place, value: Value::Table(table) }) => {
                Ok(Some(Reader { name, place: place.clone(), table, known: BTreeSet::new(), problems: self.problems }))
            }
        }
    }

    /// Tells of every key that nothing asked for.
    pub(crate) fn refuse_unknown(&mut self) {
        for (key, node) in self.table.iter().filter(|(key, _)| !self.known.contains(*key)) {
            let known: Vec<&str> = self.known.iter().map(String::as_str).collect();
            let within = if self.name.is_empty() { "at the top".to_owned() } else { format!("in [{}]", self.name) };
            let message = format!("There is no setting {}. {within} there can be: {}.", self.name_of(key), known.join(", "));
            self.problems.push(Problem { place: node.place.clone(), message });
        }
    }
}
