//! Shutting an account, and opening it again.

use std::sync::Arc;

use portreeve_contract::{UserId, user::UserDetail};
use portreeve_database::{
    session,
    user::{self, User},
};

use super::{Error, detail::detail, find_for_update, last_admin::not_the_last};
use crate::{Caller, core::Core, events::Event};

pub(super) async fn disable(core: &Arc<Core>, caller: &Caller, id: UserId) -> Result<UserDetail, Error> {
    let (shared, admin) = (core.clone(), caller.user);
    core.database
        .write(async move |transaction| {
            not_the_last(&transaction, id).await?;
            let user = find_for_update(&transaction, id).await?;
            if user.disabled_at.is_none() {
                let now = shared.now();
                user::update(&transaction, User { disabled_at: Some(now), ..user }).await?;
                session::end_all(&transaction, id, None, now).await?;
                shared.append(&transaction, Event::by_admin("user.disabled", id, admin, &serde_json::Value::Null)).await?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    detail(core, id).await
}

pub(super) async fn enable(core: &Arc<Core>, caller: &Caller, id: UserId) -> Result<UserDetail, Error> {
    let (shared, admin) = (core.clone(), caller.user);
    core.database
        .write(async move |transaction| {
            let user = find_for_update(&transaction, id).await?;
            if user.disabled_at.is_some() {
                user::update(&transaction, User { disabled_at: None, ..user }).await?;
                shared.append(&transaction, Event::by_admin("user.enabled", id, admin, &serde_json::Value::Null)).await?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    detail(core, id).await
}
