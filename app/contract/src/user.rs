//! A person's own account, and an administrator's view of all.

use serde::{Deserialize, Serialize};

use crate::{UserId, date_time::DateTime, session::Session};

/// What a person may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Their own account.
    #[default]
    Member,
    /// Everyone's.
    Admin,
}

/// Whether an account can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// Can sign in.
    Active,
    /// Shut by an administrator.
    Disabled,
    /// Its owner asked for its end; signing in keeps it.
    Deleting,
}

/// One's own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Profile {
    /// `sub` in tokens.
    pub id: UserId,
    /// What to call the person.
    pub name: String,
    /// Where mail goes; empty for a service account.
    pub email: String,
    /// Whether the address is known to be theirs.
    pub email_verified: bool,
    /// A new address that waits for its link to be opened.
    pub pending_email: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// When the account was made.
    #[serde(serialize_with = "crate::date_time::write")]
    pub created_at: DateTime,
    /// Counts changes; `"<version>"` is its entity tag.
    pub version: u64,
}

/// A change to one's own profile (RFC 7396: what is absent stays, and nothing can be taken away).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "name": "Ada King" })))]
#[serde(deny_unknown_fields)]
pub struct ProfileChange {
    /// See [`crate::name::Name`].
    #[serde(default, deserialize_with = "crate::patch::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub name: Option<String>,
}

/// Move to another address. Field errors: `/email`, `/password`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "email": "ada@example.com", "password": "tide lantern harbour box" })))]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// The new address; it gets a link.
    pub email: String,
    /// The current password.
    pub password: String,
}

/// Ends the other sessions. Field errors: `/current_password`, `/password`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "current_password": "tide lantern harbour box", "password": "ebb lantern harbour box" })))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The one to be replaced.
    pub current_password: String,
    /// The new one.
    pub password: String,
}

/// Ask for the end of one's account. Field errors: `/password`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "password": "tide lantern harbour box" })))]
#[serde(deny_unknown_fields)]
pub struct DeleteAccount {
    /// The current password.
    pub password: String,
}

/// The account will be erased unless its owner signs in before.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletionScheduled {
    /// When.
    pub erase_at: DateTime,
}

/// By what a list of users is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserSort {
    /// Newest accounts first, unless reversed.
    #[default]
    CreatedAt,
    /// By name.
    Name,
    /// By address.
    Email,
}

/// Which users, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields, default)]
pub struct UserQuery {
    /// Part of a name or an address; empty for all.
    pub search: String,
    /// The column.
    pub sort: UserSort,
    /// The other way round than the column's natural order (newest first; A to Z).
    pub reverse: bool,
    /// `next` or `previous` of another page.
    pub cursor: Option<String>,
    /// Items a page: 1 to 100, 25 if absent.
    pub limit: Option<u64>,
}

/// One line of the users list.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserSummary {
    /// `sub` in tokens.
    pub id: UserId,
    /// What to call the person.
    pub name: String,
    /// Where mail goes.
    pub email: String,
    /// Whether the address is known to be theirs.
    pub email_verified: bool,
    /// What the person may do.
    pub role: Role,
    /// Whether the account can be used.
    pub status: UserStatus,
    /// When the account was made.
    pub created_at: DateTime,
    /// Counts changes; `"<version>"` is its entity tag.
    pub version: u64,
}

/// A change to somebody's account by an administrator (RFC 7396: what is absent stays, and nothing can be taken away).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "role": "admin" })))]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// What the person may do from now on.
    #[serde(default, deserialize_with = "crate::patch::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub role: Option<Role>,
    /// `disabled` shuts the account and ends its sessions, `active` opens it again.
    #[serde(default, deserialize_with = "crate::patch::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub status: Option<Access>,
}

/// Whether an administrator lets an account be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Can be used.
    Active,
    /// Shut.
    Disabled,
}

/// One page of users.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserPage {
    /// At most `limit`.
    pub items: Vec<UserSummary>,
    /// How many match on all pages.
    pub total: u64,
    /// Cursor of the page after this one.
    pub next: Option<String>,
    /// Cursor of the page before this one.
    pub previous: Option<String>,
}

/// One user as an administrator sees them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserDetail {
    /// The account.
    pub user: UserSummary,
    /// Where they are signed in.
    pub sessions: Vec<Session>,
    /// Set while `status` is `deleting`.
    pub erase_at: Option<DateTime>,
    /// Whether this is the only administrator, who can be neither disabled, demoted nor deleted.
    pub last_admin: bool,
}
