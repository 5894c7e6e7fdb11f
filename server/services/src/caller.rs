//! Who asks, and from where.

use std::net::IpAddr;

use portreeve_contract::{
    SessionId, UserId,
    user::{Profile, Role},
};

/// Where a request comes from. Says nothing about who.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The client's network address, behind trusted proxies the one they name.
    pub address: IpAddr,
    /// `User-Agent`, or empty.
    pub user_agent: String,
    /// The device token that an earlier sign-in left, if any.
    pub device: Option<String>,
}

impl Origin {
    /// From this machine, without a browser: the command line.
    pub fn local() -> Self {
        Self { address: IpAddr::from([127, 0, 0, 1]), user_agent: String::new(), device: None }
    }

    /// The user agent, cut to what is stored.
    pub(crate) fn stored_user_agent(&self) -> String {
        self.user_agent.chars().filter(|c| !c.is_control()).take(256).collect()
    }
}

/// Someone with a valid token and a live session. The role is read from the database at each request, never from the token.
#[derive(Clone)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// Their session.
    pub session: SessionId,
    /// What they may do, now.
    pub role: Role,
    /// From where.
    pub origin: Origin,
    /// Their account as it was read for this very request: whoever wants to see their own needs no second query.
    pub(crate) profile: Profile,
}

/// Without the account: its address must not end in a log.
impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { user, session, role, .. } = self;
        f.debug_struct("Caller").field("user", user).field("session", session).field("role", role).finish_non_exhaustive()
    }
}

/// The caller is no administrator.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this is for administrators")]
pub struct Forbidden;

impl Caller {
    /// Lets administrators pass.
    pub(crate) fn require_admin(&self) -> Result<(), Forbidden> {
        match self.role {
            Role::Admin => Ok(()),
            Role::Member => Err(Forbidden),
        }
    }
}
