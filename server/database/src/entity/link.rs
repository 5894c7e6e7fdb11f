//! A single-use link: sent by mail, or shown in the terminal.

use chrono::{DateTime, Utc};
use portreeve_contract::UserId;
use sea_orm::entity::prelude::*;

/// A row of `links`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "links")]
pub struct Model {
    /// SHA-256 of the token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    /// What it does.
    pub purpose: Purpose,
    /// Whose account; none for setup.
    pub user_id: Option<UserId>,
    /// The address it was sent to, which is what it proves; none for setup.
    pub email: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
}

/// As in [`portreeve_contract::auth::LinkPurpose`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Purpose {
    /// The first administrator.
    #[sea_orm(string_value = "setup")]
    Setup,
    /// The address belongs to the person.
    #[sea_orm(string_value = "verify_email")]
    VerifyEmail,
    /// The new address belongs to the person.
    #[sea_orm(string_value = "change_email")]
    ChangeEmail,
    /// A new password.
    #[sea_orm(string_value = "reset_password")]
    ResetPassword,
}

impl From<Purpose> for portreeve_contract::auth::LinkPurpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Setup => Self::Setup,
            Purpose::VerifyEmail => Self::VerifyEmail,
            Purpose::ChangeEmail => Self::ChangeEmail,
            Purpose::ResetPassword => Self::ResetPassword,
        }
    }
}

super::unrelated!();
