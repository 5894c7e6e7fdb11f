//! Moving to another address.

use std::sync::Arc;

use portreeve_contract::{FieldError, email::Email, user::ChangeEmail};
use portreeve_database::{
    link::{self, Purpose},
    user::{self, User},
};
use serde_json::json;

use super::{Error, confirm_password, find_for_update};
use crate::{
    Caller,
    core::Core,
    events::Event,
    idempotency::{Effect, Keyed},
    notifications::Job,
};

pub(super) async fn change_email(
    core: &Arc<Core>,
    caller: &Caller,
    form: ChangeEmail,
    idempotency_key: Option<String>,
) -> Result<Effect, Error> {
    let email = Email::parse(&form.email)?;
    // Before it is looked at whether this is a repeat: nobody may try passwords by that.
    let user = confirm_password(core, caller, "password", &form.password).await?;
    let keyed = Keyed::new(core, caller, idempotency_key, &[b"change-email", form.email.as_bytes()]);
    if let Some(before) = Effect::before(core, keyed.as_ref()).await? {
        return Ok(before);
    }
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
            shared.append(&transaction, Event::user("user.email_change_requested", id, json!({}))).await?;
            // Not told here where sign-up does not tell it either, nor by what one's profile says; the owner learns of it by mail.
            let job = owner.map_or(Job::ChangeEmail { user: id }, |owner| Job::AccountExists { user: owner.id });
            shared.queue(&transaction, &job).await?;
            Ok(Effect::now(&shared, &transaction, keyed).await?)
        })
        .await
}
