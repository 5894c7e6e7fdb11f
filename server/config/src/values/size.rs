//! Sizes as people write them: `1 MiB`.

use crate::read::{Leaf, Raw};

const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u64);

impl Size {
    /// So many bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    pub(crate) const fn kib(count: u64) -> Self {
        Self(count << 10)
    }

    pub(crate) const fn mib(count: u64) -> Self {
        Self(count << 20)
    }

    /// In bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// In whole KiB, which is how Argon2 counts.
    pub const fn kibibytes(self) -> u64 {
        self.0 >> 10
    }
}

/// In the largest unit that leaves a whole number.
impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, unit) = UNITS.iter().find(|(_, unit)| self.0 >= *unit && self.0.is_multiple_of(*unit)).unwrap_or(&("B", 1));
        write!(f, "{} {name}", self.0 / unit)
    }
}

impl Leaf for Size {
    const WANT: &'static str = "a size with its unit (B, KiB, MiB, GiB), such as \"512 KiB\" or \"1 MiB\"";

    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?.trim();
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
        number.parse::<u64>().ok()?.checked_mul(*unit).map(Self)
    }

    fn to_toml(&self) -> toml::Value {
        self.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Size> {
        Size::parse(&Raw::Environment(text.to_owned()))
    }

    #[test]
    fn sizes_are_read_and_shown_as_they_are_written() {
        for text in ["0 B", "1 B", "512 KiB", "19456 KiB", "1 MiB", "2 GiB"] {
            let size = parse(text).expect(text);
            assert_eq!(parse(&size.to_string()), Some(size));
        }
        assert_eq!(parse("1MiB"), Some(Size::mib(1)));
        assert_eq!(Size::kib(2048).to_string(), "2 MiB");
        assert_eq!(Size::kib(19456).to_string(), "19 MiB");
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "5", "MiB", "-1 MiB", "1 MB", "1.5 MiB", "18446744073709551615 GiB"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
