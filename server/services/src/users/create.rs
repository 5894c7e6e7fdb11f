//! Making an account from the command line.

use std::sync::Arc;

use portreeve_contract::user::{Role, UserSummary};
use portreeve_database::user::User;

use super::summary;
use crate::{
    auth::{Error, sign_up},
    core::Core,
};

/// An account to be made by the operator, who answers for the address.
pub struct NewUser {
    /// See [`portreeve_contract::name::Name`].
    pub name: String,
    /// See [`portreeve_contract::email::Email`].
    pub email: String,
    /// In plain text.
    pub password: String,
    /// What the person may do.
    pub role: Role,
}

pub(super) async fn create(core: &Arc<Core>, new: NewUser) -> Result<UserSummary, Error> {
    let (name, email) = sign_up::check(core, &new.name, &new.email, &new.password).await?;
    let password_hash = core.passwords.hash(&new.password).await?;
    let user = User { email_verified_at: Some(core.now()), ..sign_up::new_user(core, &name, &email, password_hash, new.role.into()) };
    let shared = core.clone();
    core.database.write(async move |transaction| sign_up::insert(&shared, &transaction, user).await.map(summary)).await
}
