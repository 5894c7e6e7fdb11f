//! Asking for a new password.

use std::sync::Arc;

use portreeve_contract::{auth::ForgotPassword, email::Email};

use super::Error;
use crate::{Origin, core::Core, notifications::Job};

pub(super) async fn forgot_password(core: &Arc<Core>, from: &Origin, form: ForgotPassword) -> Result<(), Error> {
    let email = Email::parse(&form.email)?;
    core.throttle.mail_from(from, &email.key()).await?;
    // Whether there is such an account is found out when the mail is written, so this takes the same time for all.
    let (shared, job) = (core.clone(), Job::ResetPassword { email_key: email.key() });
    core.database.write(async move |transaction| shared.queue(&transaction, &job).await.map_err(Error::from)).await
}
