//! What a process tells itself of the events that it has committed, so that nobody is woken by those that others wait for.

use std::collections::BTreeMap;

/// Something to be told once it is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tell {
    /// An event of this type was appended.
    Appended(String),
    /// Earlier events are to be read again, of whatever type.
    ReadAgain,
}

/// How much was told so far. Event types are the program's own, so there are only so many.
#[derive(Clone, Debug, Default)]
pub struct Told {
    read_again: u64,
    appended: BTreeMap<String, u64>,
}

impl Told {
    /// How often there was something for who wants events of these types. Only grows.
    pub fn count(&self, wants: impl Fn(&str) -> bool) -> u64 {
        self.read_again + self.appended.iter().filter(|(r#type, _)| wants(r#type)).map(|(_, count)| count).sum::<u64>()
    }

    pub(crate) fn add(&mut self, tells: impl IntoIterator<Item = Tell>) {
        for tell in tells {
            match tell {
                Tell::Appended(r#type) => *self.appended.entry(r#type).or_default() += 1,
                Tell::ReadAgain => self.read_again += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Tell, Told};

    #[test]
    fn what_others_wait_for_is_nothing_to_oneself() {
        let mut told = Told::default();
        let files = |told: &Told| told.count(|r#type| r#type.starts_with("file."));
        told.add([Tell::Appended("session.opened".to_owned())]);
        assert_eq!(files(&told), 0);
        told.add([Tell::Appended("file.accepted".to_owned()), Tell::Appended("file.stored".to_owned())]);
        assert_eq!(files(&told), 2);
        told.add([Tell::ReadAgain]);
        assert_eq!((files(&told), told.count(|_| false)), (3, 1));
    }
}
