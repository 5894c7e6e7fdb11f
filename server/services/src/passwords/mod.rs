//! Passwords: what is acceptable, and how they are kept (NIST SP 800-63B, Argon2id).

mod answers;
mod policy;
mod pool;

use argon2::password_hash::phc::PasswordHash;
use portreeve_backends::Random;
use portreeve_contract::FieldError;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use self::pool::{Job, Pool};
use crate::Fault;

/// Bytes. What is longer is no password of ours (256 code points at most) and not worth normalising.
const MAX_BYTES: usize = 8192;

/// Cost and policy.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Code points after NFKC.
    pub min_length: usize,
    /// KiB per hash.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// Hashes at the same time; each has its own block of memory and keeps it.
    pub threads: usize,
    /// Hashes that may wait.
    pub queue: usize,
}

/// Hashes and verifies on threads of its own.
#[derive(Debug)]
pub(crate) struct Passwords {
    min_length: usize,
    pool: Pool,
    /// A hash of nothing in particular: verifying against it takes as long as against a real one.
    decoy: String,
}

/// What a password turned out to be.
pub(crate) enum Verdict {
    /// Not the one.
    Wrong,
    /// The one. Holds a new hash if the stored one was made at a lower cost.
    Right { rehashed: Option<String> },
}

impl Passwords {
    pub(crate) fn start(settings: &Settings, random: &Random) -> Result<Self, Fault> {
        let (pool, decoy) = Pool::start(settings, random)?;
        Ok(Self { min_length: settings.min_length, pool, decoy })
    }

    /// Whether the password in `field` may become one's password; `context` is what others know of the person.
    ///
    /// What an attacker would guess first is found by trying much, so it is done where hashing is, and never by a thread that others wait for.
    pub(crate) async fn check(&self, field: &str, password: &str, context: &[&str]) -> Result<Result<(), FieldError>, Fault> {
        let normalised = normalise(password);
        if let Err(error) = portreeve_contract::password::check_length(field, &normalised, self.min_length) {
            return Ok(Err(error));
        }
        let (field, min_length, context) = (field.to_owned(), self.min_length, context.iter().map(|text| (*text).to_owned()).collect());
        self.pool.run(|reply| Job::Check { field, password: normalised, min_length, context, reply }).await
    }

    /// PHC string.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, Fault> {
        self.pool.run(|reply| Job::Hash { password: normalise(password), reply }).await?
    }

    /// Compares with the stored hash; with none, does the same work and says no.
    pub(crate) async fn verify(&self, password: &str, stored: Option<&str>) -> Result<Verdict, Fault> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.decoy).to_owned();
        let verdict = self.pool.run(|reply| Job::Verify { password: normalise(password), stored, reply }).await??;
        Ok(if known { verdict } else { Verdict::Wrong })
    }
}

/// NFKC, so that the same password typed on two systems is the same. Overlong input is cut, which no acceptable password survives as itself.
fn normalise(password: &str) -> Zeroizing<String> {
    let mut end = password.len().min(MAX_BYTES);
    while !password.is_char_boundary(end) {
        end -= 1;
    }
    Zeroizing::new(password[..end].nfkc().collect())
}

/// Whether `stored` was made at these parameters or better.
fn is_current(stored: &PasswordHash, params: &argon2::Params) -> bool {
    argon2::Params::try_from(stored)
        .is_ok_and(|made| made.m_cost() >= params.m_cost() && made.t_cost() >= params.t_cost() && made.p_cost() >= params.p_cost())
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, normalise};

    proptest::proptest! {
        #[test]
        fn normalising_twice_changes_nothing(password in "\\PC{0,80}|.{0,80}") {
            let once = normalise(&password);
            proptest::prop_assert_eq!(&*normalise(&once), &*once);
        }
    }

    #[test]
    fn overlong_input_is_cut_between_characters_and_stays_too_long() {
        for filling in ["x", "é", "語", "🛟"] {
            let normalised = normalise(&format!("x{}", filling.repeat(MAX_BYTES)));
            assert!(normalised.chars().count() > portreeve_contract::password::MAX_CHARS && normalised.len() <= MAX_BYTES);
        }
    }
}
