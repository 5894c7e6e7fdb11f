//! Setting a new password with a link.

use std::sync::Arc;

use portreeve_contract::auth::ResetPassword;
use portreeve_database::{
    api_key,
    link::{self, Purpose},
    session,
    user::{self, User},
};

use super::{Error, links};
use crate::{core::Core, events::Event, notifications::Job, tokens::LinkToken};

pub(super) async fn reset_password(core: &Arc<Core>, form: ResetPassword) -> Result<(), Error> {
    let hash = LinkToken::hash(&form.token);
    let found = link::find(core.database.reader(), &hash, core.now()).await?.filter(|link| link.purpose == Purpose::ResetPassword);
    let user_id = found.and_then(|link| link.user_id).ok_or(Error::LinkInvalid)?;
    let user = user::find(core.database.reader(), user_id).await?.ok_or(Error::LinkInvalid)?;
    core.passwords.check("password", &form.password, &[&user.name, &user.email]).await??;
    let password_hash = core.passwords.hash(&form.password).await?;

    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            let link = links::consume(&shared, &transaction, &form.token, &[Purpose::ResetPassword]).await?;
            let user = user::find_for_update(&transaction, user_id).await?.ok_or(Error::LinkInvalid)?;
            let now = shared.now();
            // The link came by mail, so it proves the address it was sent to as well.
            let proven = link.email.as_deref() == Some(user.email.as_str());
            let email_verified_at = user.email_verified_at.or(proven.then_some(now));
            // Nor may whoever had the old password take the account along to an address of theirs.
            user::update(&transaction, User { password_hash, email_verified_at, pending_email: None, ..user }).await?;
            for purpose in [Purpose::ResetPassword, Purpose::ChangeEmail] {
                link::delete_of_user(&transaction, user_id, purpose).await?;
            }
            session::end_all(&transaction, user_id, None, now).await?;
            api_key::delete_of_user(&transaction, user_id).await?;
            shared.append(&transaction, Event::user("user.password_reset", user_id, serde_json::json!({}))).await?;
            shared.queue(&transaction, &Job::PasswordChanged { user: user_id }).await?;
            Ok(())
        })
        .await
}
