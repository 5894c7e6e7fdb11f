//! Sections that are called what the operator likes.

use std::collections::BTreeMap;
use std::ops::Deref;

use super::{Given, Read, Reader, Shown};

/// `[name.NAME]` for each NAME that was written. Sources are laid over each other by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Named<T>(BTreeMap<String, T>);

impl<T> Deref for Named<T> {
    type Target = BTreeMap<String, T>;

    fn deref(&self) -> &BTreeMap<String, T> {
        &self.0
    }
}

impl<T: Read> Read for Named<T> {
    fn read(reader: &mut Reader<'_>, key: &str) -> Given<Self> {
        let Some(mut reader) = reader.enter(key)? else { return Ok(None) };
        // All are read before any is missed, so that every mistake is told.
        let all: Vec<_> = reader
            .keys()
            .into_iter()
            .map(|name| {
                if !is_name(&name) {
                    let message =
                        format!("{} cannot be a name. Write 1 to 63 lower-case letters, digits and hyphens.", reader.name_of(&name));
                    return Err(reader.report(&name, message));
                }
                Ok(T::read(&mut reader, &name)?.map(|section| (name, section)))
            })
            .collect();
        let all: Vec<_> = all.into_iter().collect::<Result<_, _>>()?;
        Ok(Some(Self(all.into_iter().flatten().collect())))
    }

    fn show(&self, key: &str, shown: &mut Shown) {
        shown.table(key, |shown| {
            for (name, section) in &self.0 {
                section.show(name, shown);
            }
        });
    }

    fn want() -> String {
        "the sections".to_owned()
    }
}

fn is_name(name: &str) -> bool {
    (1..=63).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
