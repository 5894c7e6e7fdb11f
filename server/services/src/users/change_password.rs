//! A new password for someone who knows the current one.

use std::sync::Arc;

use portreeve_contract::user::ChangePassword;
use portreeve_database::{
    link::{self, Purpose},
    session,
    user::{self, User},
};

use super::{Error, confirm_password, find_for_update};
use crate::{Caller, core::Core, events::Event, notifications::Job};

pub(super) async fn change_password(core: &Arc<Core>, caller: &Caller, form: ChangePassword) -> Result<(), Error> {
    let user = confirm_password(core, caller, "current_password", &form.current_password).await?;
    core.passwords.check("password", &form.password, &[&user.name, &user.email]).await??;
    let password_hash = core.passwords.hash(&form.password).await?;
    let (shared, id, keep, before) = (core.clone(), user.id, caller.session(), user.password_hash);
    core.database
        .write(async move |transaction| {
            let user = find_for_update(&transaction, id).await?;
            // Another change won while this one was hashed: what was confirmed is no longer the current password.
            if user.password_hash != before {
                return Err(Error::WrongPassword("current_password"));
            }
            // Nor may whoever had the old password take the account along to an address of theirs.
            user::update(&transaction, User { password_hash, pending_email: None, ..user }).await?;
            session::end_all(&transaction, id, keep, shared.now()).await?;
            for purpose in [Purpose::ResetPassword, Purpose::ChangeEmail] {
                link::delete_of_user(&transaction, id, purpose).await?;
            }
            shared.append(&transaction, Event::user("user.password_changed", id, serde_json::json!({}))).await?;
            Ok(shared.queue(&transaction, &Job::PasswordChanged { user: id }).await?)
        })
        .await
}
