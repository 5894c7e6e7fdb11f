//! Asking for the end of one's account.

use std::sync::Arc;

use portreeve_contract::user::{DeleteAccount, DeletionScheduled};
use portreeve_database::{
    session,
    user::{self, User},
};

use super::{Error, confirm_password, find_for_update, last_admin::not_the_last};
use crate::{
    Caller,
    core::{Core, delta},
    events::Event,
    notifications::Job,
};

pub(super) async fn delete_account(core: &Arc<Core>, caller: &Caller, form: DeleteAccount) -> Result<DeletionScheduled, Error> {
    let user = confirm_password(core, caller, "password", &form.password).await?;
    let (shared, id) = (core.clone(), user.id);
    core.database
        .write(async move |transaction| {
            not_the_last(&transaction, id).await?;
            let now = shared.now();
            let erase_at = now + delta(shared.settings.accounts.deletion_delay);
            let user = find_for_update(&transaction, id).await?;
            user::update(&transaction, User { erase_at: Some(erase_at), ..user }).await?;
            session::end_all(&transaction, id, None, now).await?;
            shared.append(&transaction, Event::user("user.deletion_scheduled", id, serde_json::json!({ "erase_at": erase_at }))).await?;
            shared.queue(&transaction, &Job::DeletionScheduled { user: id }).await?;
            Ok(DeletionScheduled { erase_at })
        })
        .await
}
