//! What can be said of a password without a word list (NIST SP 800-63B §3.1.1); the rest is told by the server.

use serde::{Deserialize, Serialize};

use crate::FieldError;

/// Code points after NFKC; more would only be work for the hash.
pub const MAX_CHARS: usize = 256;

/// How hard a password is to guess, as far as its shape tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Shorter than the policy asks.
    TooShort,
    /// Long enough, and all of one piece: repeated or counted up.
    Weak,
    /// Acceptable.
    Fair,
    /// Longer, and varied.
    Strong,
}

/// Checks the length of the NFKC-normalised password given in the field `field`.
///
/// # Errors
/// Empty, shorter than `min`, or longer than [`MAX_CHARS`] code points.
pub fn check_length(field: &str, normalised: &str, min: usize) -> Result<(), FieldError> {
    match normalised.chars().count() {
        0 => Err(FieldError::new(field, "required", "Enter a password.")),
        length if length < min => {
            Err(FieldError::new(field, "too_short", format!("Use at least {min} characters. A few unrelated words work well.")))
        }
        length if length > MAX_CHARS => Err(FieldError::new(field, "too_long", format!("Use {MAX_CHARS} characters at most."))),
        _ => Ok(()),
    }
}

/// A first opinion while typing. The server has the last word: it also knows common passwords.
pub fn strength(normalised: &str, min: usize) -> Strength {
    let chars: Vec<char> = normalised.chars().collect();
    if chars.len() < min {
        return Strength::TooShort;
    }
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    let predictable = chars.windows(2).filter(|pair| (-1..=1).contains(&step(pair))).count();
    // By looking back: sorting would be more for the browser to load than it is worth here.
    let distinct = chars.iter().enumerate().filter(|(index, c)| !chars[..*index].contains(c)).count();
    if distinct < 5 || predictable * 2 > chars.len() {
        Strength::Weak
    } else if chars.len() < min + 5 || distinct < 10 {
        Strength::Fair
    } else {
        Strength::Strong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_code_points() {
        assert!(check_length("password", &"🛟".repeat(15), 15).is_ok());
        assert!(check_length("password", &"x".repeat(128), 15).is_ok());
        assert_eq!(check_length("password", &"é".repeat(14), 15).unwrap_err().code, "too_short");
        assert_eq!(check_length("password", &"x".repeat(257), 15).unwrap_err().code, "too_long");
    }

    #[test]
    fn strength_sees_repetition_and_counting() {
        assert_eq!(strength("short", 15), Strength::TooShort);
        assert_eq!(strength(&"a".repeat(20), 15), Strength::Weak);
        assert_eq!(strength("abcdefghijklmnopqrst", 15), Strength::Weak);
        assert_eq!(strength("tide harbour box", 15), Strength::Fair);
        assert_eq!(strength("tide harbour lantern box", 15), Strength::Strong);
    }

    proptest::proptest! {
        #[test]
        fn nothing_but_the_number_of_code_points_decides(password in ".{0,300}", min in 1..64_usize) {
            let length = password.chars().count();
            let accepted = check_length("password", &password, min).is_ok();
            proptest::prop_assert_eq!(accepted, (min..=MAX_CHARS).contains(&length));
            proptest::prop_assert_eq!(strength(&password, min) == Strength::TooShort, length < min);
        }
    }
}
