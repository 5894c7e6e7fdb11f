//! The account of a person, or of a machine.

use chrono::{DateTime, Utc};
use portreeve_contract::UserId;
use sea_orm::entity::prelude::*;

/// A row of `users`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// Whose it is.
    pub kind: Kind,
    /// As its owner wrote it.
    pub name: String,
    /// Lower case, for searching and sorting.
    pub name_key: String,
    /// As its owner wrote it; empty for a machine.
    pub email: String,
    /// Lower case, unique; for a machine its id, which is nobody's address.
    pub email_key: String,
    /// When the address was known to be theirs.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// A new address that waits for its link to be used.
    pub pending_email: Option<String>,
    /// PHC string; empty for a machine, so that no password fits.
    pub password_hash: String,
    /// What the person may do.
    pub role: Role,
    /// When an administrator shut the account.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When the account is to be erased, its owner having asked.
    pub erase_at: Option<DateTime<Utc>>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// Counts changes.
    pub version: i64,
}

/// Whose an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Kind {
    /// Somebody who signs in.
    #[sea_orm(string_value = "person")]
    Person,
    /// A machine, known by its keys alone.
    #[sea_orm(string_value = "service_account")]
    ServiceAccount,
}

/// As in [`portreeve_contract::user::Role`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Role {
    /// Their own account.
    #[sea_orm(string_value = "member")]
    Member,
    /// Everyone's.
    #[sea_orm(string_value = "admin")]
    Admin,
}

impl From<portreeve_contract::user::Role> for Role {
    fn from(role: portreeve_contract::user::Role) -> Self {
        match role {
            portreeve_contract::user::Role::Member => Self::Member,
            portreeve_contract::user::Role::Admin => Self::Admin,
        }
    }
}

impl From<Role> for portreeve_contract::user::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Member => Self::Member,
            Role::Admin => Self::Admin,
        }
    }
}

super::unrelated!();
