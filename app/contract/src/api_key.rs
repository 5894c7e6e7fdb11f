//! Keys for machines.

use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, date_time::DateTime};

/// What every key begins with, so that whoever scans for secrets that got out finds it.
pub const PREFIX: &str = "prv_";

/// Declares the scopes and their names.
macro_rules! scopes {
    ($($(#[$doc:meta])* $scope:ident = $name:literal,)*) => {
        /// What a key may be used for (RFC 6749 §3.3). Whoever it belongs to may do no more with it than without.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $name)] $scope,)*
        }

        impl Scope {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$scope),*];

            /// Its name on the wire and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$scope => $name,)* }
            }
        }
    };
}

scopes! {
    /// See the account.
    AccountRead = "account:read",
    /// Edit the account's profile.
    AccountWrite = "account:write",
    /// List and download files.
    FilesRead = "files:read",
    /// Upload, edit, share and erase files.
    FilesWrite = "files:write",
    /// An administrator's: see everyone's accounts.
    UsersRead = "users:read",
    /// An administrator's: edit everyone's accounts.
    UsersWrite = "users:write",
    /// An administrator's: look at the stream, and at what is counted.
    StreamRead = "stream:read",
    /// An administrator's: replay, redrive and drop.
    StreamWrite = "stream:write",
    /// Call the services behind the gateway.
    UpstreamsCall = "upstreams:call",
}

impl Scope {
    /// Whether it is of use to administrators only.
    pub const fn is_for_administrators(self) -> bool {
        matches!(self, Self::UsersRead | Self::UsersWrite | Self::StreamRead | Self::StreamWrite)
    }
}

impl std::str::FromStr for Scope {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == name).ok_or(())
    }
}

/// A key, as its owner sees it: without what it opens with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// By which it is revoked; opens nothing.
    pub id: ApiKeyId,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// How it ends, to tell one from another.
    pub hint: String,
    /// When it was made.
    pub created_at: DateTime,
    /// When it ends by itself.
    pub expires_at: Option<DateTime>,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<DateTime>,
    /// The plan that an administrator gave it; the usual one, if null.
    #[serde(default)]
    pub plan: Option<String>,
    /// Counts edits, for `If-Match`.
    #[serde(default)]
    pub version: u64,
}

/// One's keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyPage {
    /// The newest first; all of them.
    pub items: Vec<ApiKey>,
    /// Always null: there is one page.
    pub next: Option<String>,
}

/// Asks for a key. Field errors: `/name`, `/scopes`, `/expires_at`, `/plan`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "name": "Nightly backup", "scopes": ["files:read"], "expires_at": "2030-01-01T00:00:00Z" })))]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What to call it.
    pub name: String,
    /// What it may be used for; one at least.
    pub scopes: Vec<Scope>,
    /// When it ends; never, if absent.
    #[serde(default)]
    pub expires_at: Option<DateTime>,
    /// How often it may be used, by the name of a plan; only administrators say so.
    #[serde(default)]
    pub plan: Option<String>,
}

/// Says by which plan a key is counted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "plan": "key" })))]
#[serde(deny_unknown_fields)]
pub struct KeyPlan {
    /// Its name; null for the usual one, within that of the account.
    pub plan: Option<String>,
}

/// A key that was just made.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedApiKey {
    /// All that can be seen of it later.
    pub api_key: ApiKey,
    /// The key itself, for the `Authorization` header. Told this once.
    pub key: String,
}
