//! Service accounts: what a machine is known as that acts for itself, and for no person.

use serde::{Deserialize, Serialize};

use crate::{
    UserId,
    date_time::DateTime,
    user::{Access, Role},
};

/// An identity of a machine. It has neither address nor password, and cannot sign in: it is known by its keys, which administrators make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceAccount {
    /// `sub` in tokens.
    pub id: UserId,
    /// What it is called.
    pub name: String,
    /// What it may do, as far as the scopes of its keys go.
    pub role: Role,
    /// Whether its keys open anything.
    pub status: Access,
    /// When it was made.
    pub created_at: DateTime,
    /// Counts changes; `"<version>"` is its entity tag.
    pub version: u64,
}

/// Asks for a service account. Field errors: `/name`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "name": "Nightly backup", "role": "member" })))]
#[serde(deny_unknown_fields)]
pub struct NewServiceAccount {
    /// See [`crate::name::Name`].
    pub name: String,
    /// What it may do; `member`, if absent.
    #[serde(default)]
    pub role: Role,
}

/// A change to a service account (RFC 7396: what is absent stays, and nothing can be taken away). Field errors: `/name`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "status": "disabled" })))]
#[serde(deny_unknown_fields)]
pub struct ServiceAccountChange {
    /// What it is called from now on.
    #[serde(default, deserialize_with = "crate::patch::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub name: Option<String>,
    /// What it may do from now on.
    #[serde(default, deserialize_with = "crate::patch::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub role: Option<Role>,
    /// `disabled` has all its keys refused until it is `active` again.
    #[serde(default, deserialize_with = "crate::patch::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub status: Option<Access>,
}

/// By what a list of service accounts is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServiceAccountSort {
    /// Newest first, unless reversed.
    #[default]
    CreatedAt,
    /// By name.
    Name,
}

/// Which service accounts, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields, default)]
pub struct ServiceAccountQuery {
    /// Part of a name or an id; empty for all.
    pub search: String,
    /// The column.
    pub sort: ServiceAccountSort,
    /// The other way round than the column's natural order (newest first; A to Z).
    pub reverse: bool,
    /// `next` or `previous` of another page.
    pub cursor: Option<String>,
    /// Items a page: 1 to 100, 25 if absent.
    pub limit: Option<u64>,
}

/// One page of service accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceAccountPage {
    /// At most `limit`.
    pub items: Vec<ServiceAccount>,
    /// How many match on all pages.
    pub total: u64,
    /// Cursor of the page after this one.
    pub next: Option<String>,
    /// Cursor of the page before this one.
    pub previous: Option<String>,
}
