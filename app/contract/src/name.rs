//! People's names.

use serde::{Deserialize, Serialize};

use crate::FieldError;

/// Code points.
pub const MAX_CHARS: usize = 100;

/// What a person wants to be called: any script, 1 to [`MAX_CHARS`] code points, one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Reads a name from the field `name`; surrounding white space is dropped.
    ///
    /// # Errors
    /// Empty, too long, or holding characters that cannot be seen or that reorder what stands around them.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldError::new("name", "required", "Enter your name."));
        }
        if text.chars().nth(MAX_CHARS).is_some() {
            return Err(FieldError::new("name", "too_long", format!("Use {MAX_CHARS} characters at most.")));
        }
        if text.chars().any(|c| c.is_control() || is_deceptive(c)) {
            return Err(FieldError::new("name", "invisible_characters", "Leave out line breaks and invisible characters."));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text; escape it where it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Line and paragraph separators, explicit bidirectional formatting (UAX #9), the byte-order mark and non-characters. Joiners and
/// directional marks stay: names are written with them.
pub(crate) const fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_script_are_read() {
        for text in
            ["Ada", "  Ada Lovelace ", "Nguyễn Thị Minh Khai", "عَلِيّ", "می‌خواهم", "👩‍🚀", "Robert'); DROP TABLE users;--", "<b>Ada</b>"]
        {
            assert_eq!(Name::parse(text).expect(text).as_str(), text.trim());
        }
    }

    #[test]
    fn what_deceives_the_eye_is_refused() {
        for text in ["", "   ", "a\0b", "a\nb", "a\u{202e}b", "a\u{2066}b", &"x".repeat(101)] {
            assert!(Name::parse(text).is_err(), "{text:?} was accepted");
        }
        assert!(Name::parse(&"é".repeat(100)).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn what_is_accepted_is_one_visible_line(text in "\\PC{0,120}|[ -~]{0,120}|.{0,20}[\\p{Cc}\\p{Zl}\\p{Zp}\u{202a}-\u{202e}\u{2066}-\u{2069}].{0,20}") {
            if let Ok(name) = Name::parse(&text) {
                let name = name.as_str();
                proptest::prop_assert_eq!(name, text.trim());
                proptest::prop_assert!((1..=MAX_CHARS).contains(&name.chars().count()));
                proptest::prop_assert!(!name.contains(|c: char| c.is_control() || is_deceptive(c)));
                proptest::prop_assert_eq!(&Name::parse(name), &Ok(Name(name.to_owned())));
            }
        }

        #[test]
        fn letters_of_any_script_are_accepted(text in "[\\p{L}\\p{M}]{1,100}") {
            proptest::prop_assert!(Name::parse(&text).is_ok());
        }
    }
}
