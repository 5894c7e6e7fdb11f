//! Another link that verifies one's address.

use std::sync::Arc;

use portreeve_database::user;

use super::Error;
use crate::{
    Caller,
    core::Core,
    idempotency::{Effect, Keyed},
    notifications::Job,
};

pub(super) async fn resend_verification(core: &Arc<Core>, caller: &Caller, idempotency_key: Option<String>) -> Result<Effect, Error> {
    let keyed = Keyed::new(core, caller, idempotency_key, &[b"resend-verification"]);
    if let Some(before) = Effect::before(core, keyed.as_ref()).await? {
        return Ok(before);
    }
    let user = user::find(core.database.reader(), caller.user).await?.ok_or(Error::InvalidToken)?;
    let job = match (&user.pending_email, user.email_verified_at) {
        (Some(_), _) => Job::ChangeEmail { user: user.id },
        (None, None) => Job::VerifyEmail { user: user.id },
        (None, Some(_)) => return Ok(Effect::Fresh),
    };
    core.throttle.mail_to(&user.email_key).await.map_err(Error::Throttled)?;
    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            shared.queue(&transaction, &job).await?;
            Ok(Effect::now(&shared, &transaction, keyed).await?)
        })
        .await
}
