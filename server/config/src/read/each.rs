//! Sections of which there can be any number.

use std::ops::Deref;

use super::{Given, Read, Reader, Section, Shown};

/// `[[name]]`, as often as it was written. A source that has some replaces those of the sources below it.
#[derive(Clone, Debug, PartialEq)]
pub struct Each<T>(Vec<T>);

impl<T> Default for Each<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for Each<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Section> Read for Each<T> {
    fn read(reader: &mut Reader<'_>, key: &str) -> Given<Self> {
        Ok(reader.each(key, T::fields)?.map(Self))
    }

    fn show(&self, key: &str, shown: &mut Shown) {
        shown.each(key, self, T::show_fields);
    }

    fn want() -> String {
        "the sections".to_owned()
    }
}
