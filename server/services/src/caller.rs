//! Who asks, and from where.

use std::{net::IpAddr, sync::Arc};

use chrono::{DateTime, Utc};
use portreeve_contract::{
    ApiKeyId, SessionId, UserId,
    api_key::Scope,
    user::{Profile, Role},
};
use portreeve_database::{ConnectionTrait, DbErr, api_key, session, user};

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

/// By what a caller is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The access token of a live session.
    Session(SessionId),
    /// A key for machines.
    ApiKey {
        /// Which.
        id: ApiKeyId,
        /// By which it is found again.
        hash: [u8; 32],
        /// What it may be used for.
        scopes: Vec<Scope>,
        /// The plan that an administrator gave it.
        plan: Option<Arc<str>>,
    },
}

impl Credential {
    /// Whether it is still good, for what is committed only now: it may have been ended since it was looked at.
    pub(crate) async fn is_live(&self, db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, DbErr> {
        match self {
            Self::Session(id) => {
                let session = session::find(db, *id).await?;
                Ok(session.is_some_and(|session| session.ended_at.is_none() && session.expires_at > now))
            }
            Self::ApiKey { id, .. } => key_is_live(db, *id, now).await,
        }
    }
}

/// Whether it is there, is not over, and its owner may use it.
pub(crate) async fn key_is_live(db: &impl ConnectionTrait, id: ApiKeyId, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let Some(key) = api_key::find(db, id).await?.filter(|key| key.expires_at.is_none_or(|at| at > now)) else {
        return Ok(false);
    };
    let owner = user::find(db, key.user_id).await?;
    Ok(owner.is_some_and(|owner| owner.disabled_at.is_none() && owner.erase_at.is_none()))
}

/// Someone with a valid token of a live session, or with a key. The role is the one of now, never the token's.
#[derive(Clone)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// By what they are known.
    pub credential: Credential,
    /// What they may do, now.
    pub role: Role,
    /// From where.
    pub origin: Origin,
    /// Their account as it is now: whoever wants to see their own needs no second query.
    pub(crate) profile: Profile,
}

/// Without the account: its address must not end in a log.
impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { user, credential, role, .. } = self;
        f.debug_struct("Caller").field("user", user).field("credential", credential).field("role", role).finish_non_exhaustive()
    }
}

/// The caller is no administrator.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this is for administrators")]
pub struct Forbidden;

impl Caller {
    /// Their session, unless a key speaks for them.
    pub fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(id) => Some(id),
            Credential::ApiKey { .. } => None,
        }
    }

    /// Whether what they are known by is good for this. A session is good for all that its owner may do.
    pub fn has(&self, scope: Scope) -> bool {
        match &self.credential {
            Credential::Session(_) => true,
            Credential::ApiKey { scopes, .. } => scopes.contains(&scope),
        }
    }

    /// Lets administrators pass.
    pub(crate) fn require_admin(&self) -> Result<(), Forbidden> {
        match self.role {
            Role::Admin => Ok(()),
            Role::Member => Err(Forbidden),
        }
    }
}
