//! Whose standing an event changes.

use std::str::FromStr;

use portreeve_contract::{SessionId, UserId};

/// Whom somebody has to forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    /// An account, with all its sessions and keys.
    User(UserId),
    /// One session.
    Session(SessionId),
}

impl Concern {
    /// Whom an event of this type and subject concerns, if anybody. An event of a type that is not known here, from a later release, does so as well.
    pub(crate) fn of(r#type: &str, subject: &str) -> Option<Self> {
        match r#type.split_once('.')? {
            // Nobody remembers who was not there before.
            ("user" | "api_key", "created") | ("session", "opened") => None,
            ("user" | "api_key", _) => UserId::from_str(subject).ok().map(Self::User),
            ("session", _) => SessionId::from_str(subject).ok().map(Self::Session),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Concern, SessionId, UserId};

    #[test]
    fn an_event_concerns_whom_it_tells_of() {
        let id = Uuid::from_u128(7);
        let of = |r#type: &str| Concern::of(r#type, &id.to_string());
        for of_user in ["user.disabled", "user.sessions_ended", "user.erased", "user.of_a_later_release", "api_key.revoked"] {
            assert_eq!(of(of_user), Some(Concern::User(UserId(id))), "{of_user}");
        }
        for of_session in ["session.signed_out", "session.refresh_token_reused"] {
            assert_eq!(of(of_session), Some(Concern::Session(SessionId(id))), "{of_session}");
        }
        for of_nobody in ["user.created", "session.opened", "api_key.created", "file.stored", "odd"] {
            assert_eq!(of(of_nobody), None, "{of_nobody}");
        }
        assert_eq!(Concern::of("user.disabled", "nobody"), None);
    }
}
