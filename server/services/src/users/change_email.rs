//! Moving to another address.

use std::sync::Arc;

use portreeve_contract::{FieldError, email::Email, user::ChangeEmail};
use portreeve_database::{
    link::{self, Purpose},
    user::{self, User},
};

use super::{Error, confirm_password, find_for_update};
use crate::{Caller, core::Core, events::Event, notifications::Job};

pub(super) async fn change_email(core: &Arc<Core>, caller: &Caller, form: ChangeEmail) -> Result<(), Error> {
    let email = Email::parse(&form.email)?;
    let user = confirm_password(core, caller, "password", &form.password).await?;
    if email.as_str() == user.email {
        return Err(FieldError::new("email", "unchanged", "This is already your address.").into());
    }
    core.throttle.mail_to(&user.email_key).await.map_err(Error::Throttled)?;
    core.throttle.mail_to(&email.key()).await.map_err(Error::Throttled)?;

    let (shared, id) = (core.clone(), user.id);
    core.database
        .write(async move |transaction| {
            let owner = user::find_by_email(&transaction, &email.key()).await?.filter(|owner| owner.id != id);
            if owner.is_some() && !shared.settings.accounts.verification_required {
                return Err(Error::EmailTaken);
            }
            let user = find_for_update(&transaction, id).await?;
            user::update(&transaction, User { pending_email: Some(email.as_str().to_owned()), ..user }).await?;
            link::delete_of_user(&transaction, id, Purpose::ChangeEmail).await?;
            shared.append(&transaction, Event::user("user.email_change_requested", id, serde_json::json!({}))).await?;
            // Not told here where sign-up does not tell it either, nor by what one's profile says; the owner learns of it by mail.
            let job = owner.map_or(Job::ChangeEmail { user: id }, |owner| Job::AccountExists { user: owner.id });
            Ok(shared.queue(&transaction, &job).await?)
        })
        .await
}
