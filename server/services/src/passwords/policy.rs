//! Which passwords are refused: short ones, and those that an attacker tries first. No composition rules.

use portreeve_contract::{FieldError, password};

/// Guesses, in powers of ten, below which a password is among the first that an attacker tries: zxcvbn's own line for withstanding somebody who
/// stole the hashes.
const GUESSABLE_LOG10: f64 = 10.0;
/// Code points that are looked at: what is hard to guess by its beginning is so as a whole, and the work grows with the square of the length and with each
/// letter that a digit may stand for.
const LOOKED_AT: usize = 40;

pub(super) fn check(field: &str, normalised: &str, min: usize, context: &[&str]) -> Result<(), FieldError> {
    password::check_length(field, normalised, min)?;
    let words: Vec<&str> = context
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .chain(context.iter().copied())
        .chain(["portreeve"])
        .filter(|word| word.chars().count() > 2)
        .collect();
    let end = normalised.char_indices().nth(LOOKED_AT).map_or(normalised.len(), |(at, _)| at);
    let guesses = zxcvbn::zxcvbn(&normalised[..end], &words).guesses_log10();
    if guesses < GUESSABLE_LOG10 || password::strength(normalised, min) == password::Strength::Weak {
        return Err(FieldError::new(
            field,
            "too_common",
            "This is among the first passwords that others would try. A few unrelated words work well.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    const ADA: [&str; 2] = ["Ada Lovelace", "ada.lovelace@example.org"];

    #[test]
    fn common_and_personal_passwords_are_refused() {
        for password in [
            "passwordpassword",
            "qwertyuiopasdfgh",
            "123456789012345",
            "aaaaaaaaaaaaaaaaaaaa",
            "ada.lovelace@example.org",
            "adalovelace12345",
            "portreeveportreeve",
            "iloveyouiloveyou",
            "abcabcabcabcabcabc",
        ] {
            assert_eq!(check("password", password, 15, &ADA).map_err(|error| error.code), Err("too_common".to_owned()), "{password}");
        }
    }

    #[test]
    fn phrases_emoji_and_long_passwords_are_accepted() {
        for password in [
            "tide lantern harbour box",
            "🦀🛟⚓🧭🗺🌊🐚🪸🐙🦑🐡🐠🐟🐬🐳",
            "Xk2!vQ9#mZ7$pL4&",
            &"correct horse battery staple ".repeat(5)[..128],
        ] {
            assert_eq!(check("password", password, 15, &ADA), Ok(()), "{password}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_is_typed_gets_a_verdict(password in ".{0,40}|[a-z0-9]{0,40}|\\PC{200,300}", name in ".{0,40}") {
            let verdict = check("password", &password, 15, &[&name, "ada@example.org"]);
            let length = password.chars().count();
            proptest::prop_assert!(verdict.is_err() || (15..=256).contains(&length));
        }

        #[test]
        fn what_others_know_makes_no_password(name in "[a-z]{5,12} [a-z]{5,12}", digits in "[0-9]{0,2}") {
            let password = name.replace(' ', "") + &digits;
            proptest::prop_assert!(check("password", &password, 8, &[&name, "x@example.org"]).is_err());
        }
    }
}
