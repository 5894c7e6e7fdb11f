//! Proving an address with a link.

use std::sync::Arc;

use portreeve_contract::email::Email;
use portreeve_database::{
    is_unique_violation,
    link::{self, Purpose},
    user::{self, User},
};

use super::{Error, links};
use crate::{core::Core, events::Event, notifications::Job};

pub(super) async fn verify_email(core: &Arc<Core>, token: String) -> Result<(), Error> {
    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            let link = links::consume(&shared, &transaction, &token, &[Purpose::VerifyEmail, Purpose::ChangeEmail]).await?;
            let (Some(user_id), Some(email)) = (link.user_id, link.email) else { return Err(Error::LinkInvalid) };
            let user = user::find_for_update(&transaction, user_id).await?.ok_or(Error::LinkInvalid)?;
            let verified = User { email_verified_at: Some(shared.now()), ..user.clone() };
            let (verified, event) = if link.purpose == Purpose::VerifyEmail {
                // An old link must not vouch for an address that was changed since.
                if user.email != email {
                    return Err(Error::LinkInvalid);
                }
                (verified, "user.email_verified")
            } else {
                if user.pending_email.as_deref() != Some(email.as_str()) {
                    return Err(Error::LinkInvalid);
                }
                let parsed = Email::parse(&email).map_err(|_| Error::LinkInvalid)?;
                shared
                    .queue(
                        &transaction,
                        &Job::EmailChanged { name: user.name.clone(), old_email: user.email.clone(), new_email: email.clone() },
                    )
                    .await?;
                (User { email_key: parsed.key(), email, pending_email: None, ..verified }, "user.email_changed")
            };
            user::update(&transaction, verified)
                .await
                .map_err(|error| if is_unique_violation(&error) { Error::EmailTaken } else { error.into() })?;
            link::delete_of_user(&transaction, user_id, link.purpose).await?;
            // A link to the old address must not set a password any more.
            link::delete_of_user(&transaction, user_id, Purpose::ResetPassword).await?;
            shared.append(&transaction, Event::user(event, user_id, serde_json::json!({}))).await?;
            Ok(())
        })
        .await
}
