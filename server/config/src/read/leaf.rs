//! Single values.

use super::{Given, Node, Raw, Read, Reader, Shown, Value};

/// A type that one TOML value or one environment variable is read into.
pub(crate) trait Leaf: Sized {
    /// What would be right, completing "Write …".
    const WANT: &'static str;

    /// Reads the value; `None` when it is something else.
    fn parse(raw: &Raw) -> Option<Self>;

    /// As TOML.
    fn to_toml(&self) -> toml::Value;
}

impl<T: Leaf> Read for T {
    fn read(reader: &mut Reader<'_>, key: &str) -> Given<Self> {
        let name = reader.name_of(key);
        match reader.node(key) {
            None => Ok(None),
            Some(Node { value: Value::Table(_) | Value::Tables(_), .. }) => {
                Err(reader.report(key, format!("{name} is a single setting, not a section. Write {}.", T::WANT)))
            }
            Some(Node { value: Value::Leaf(raw), .. }) => match T::parse(raw) {
                Some(value) => Ok(Some(value)),
                None => Err(reader.report(key, format!("{name} = {} cannot be read. Write {}.", raw.quoted(), T::WANT))),
            },
        }
    }

    fn show(&self, key: &str, shown: &mut Shown) {
        shown.set(key, self.to_toml());
    }

    fn want() -> String {
        T::WANT.to_owned()
    }

    fn quoted(&self) -> Option<String> {
        Some(self.to_toml().to_string())
    }
}

impl Leaf for bool {
    const WANT: &'static str = "true or false";

    fn parse(raw: &Raw) -> Option<Self> {
        raw.boolean()
    }

    fn to_toml(&self) -> toml::Value {
        (*self).into()
    }
}

macro_rules! integers {
    ($($integer:ty),+) => {$(
        impl Leaf for $integer {
            const WANT: &'static str = "a whole number that is not negative";

            fn parse(raw: &Raw) -> Option<Self> {
                raw.integer().and_then(|number| number.try_into().ok())
            }

            fn to_toml(&self) -> toml::Value {
                i64::try_from(*self).unwrap_or(i64::MAX).into()
            }
        }
    )+};
}

integers!(u16, u32, usize);

impl Leaf for f64 {
    const WANT: &'static str = "a number";

    fn parse(raw: &Raw) -> Option<Self> {
        raw.number().filter(|number| number.is_finite())
    }

    fn to_toml(&self) -> toml::Value {
        (*self).into()
    }
}

impl Leaf for String {
    const WANT: &'static str = "a line of text that is not empty";

    fn parse(raw: &Raw) -> Option<Self> {
        raw.text().filter(|text| !text.trim().is_empty() && !text.contains(char::is_control)).map(str::to_owned)
    }

    fn to_toml(&self) -> toml::Value {
        self.as_str().into()
    }
}

impl Leaf for std::path::PathBuf {
    const WANT: &'static str = "a path";

    fn parse(raw: &Raw) -> Option<Self> {
        raw.text().filter(|text| !text.is_empty() && !text.contains('\0')).map(Self::from)
    }

    fn to_toml(&self) -> toml::Value {
        self.to_string_lossy().into_owned().into()
    }
}

impl<T: Leaf> Leaf for Vec<T> {
    const WANT: &'static str = T::WANT;

    fn parse(raw: &Raw) -> Option<Self> {
        raw.list()?.iter().map(T::parse).collect()
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::Array(self.iter().map(Leaf::to_toml).collect())
    }
}
