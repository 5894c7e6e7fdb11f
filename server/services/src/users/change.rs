//! An administrator's changes to an account: what the person may do, and whether they may come in at all.

use std::sync::Arc;

use portreeve_contract::{
    UserId,
    user::{Access, Role, UserChange, UserDetail},
};
use portreeve_database::{
    DbErr, Transaction, session,
    user::{self, User},
};
use serde_json::{Value, json};

use super::{Error, detail::detail, find_for_update, last_admin::not_the_last, not_changed};
use crate::{core::Core, events::Event};

pub(super) async fn change(
    core: &Arc<Core>,
    admin: Option<UserId>,
    id: UserId,
    seen: Option<u64>,
    change: UserChange,
) -> Result<UserDetail, Error> {
    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            if change.role == Some(Role::Member) || change.status == Some(Access::Disabled) {
                not_the_last(&transaction, id).await?;
            }
            let before = find_for_update(&transaction, id).await?;
            not_changed(&before, seen)?;
            apply(&shared, &transaction, admin, before, change).await?;
            Ok::<_, Error>(())
        })
        .await?;
    detail(core, id).await
}

/// Writes the account once, and an event for each change that is one; gives the account as it is then.
pub(crate) async fn apply(
    core: &Core,
    transaction: &Transaction,
    admin: Option<UserId>,
    before: User,
    change: UserChange,
) -> Result<User, DbErr> {
    let (id, now) = (before.id, core.now());
    let role = change.role.filter(|role| *role != Role::from(before.role));
    let status = change.status.filter(|status| (*status == Access::Disabled) != before.disabled_at.is_some());
    if role.is_none() && status.is_none() {
        return Ok(before);
    }
    let disabled_at = match status {
        Some(Access::Disabled) => Some(now),
        Some(Access::Active) => None,
        None => before.disabled_at,
    };
    let changed = user::update(transaction, User { role: role.map_or(before.role, Into::into), disabled_at, ..before }).await?;
    if let Some(role) = role {
        core.append(transaction, Event::by_admin("user.role_changed", id, admin, &json!({ "role": role }))).await?;
    }
    match status {
        Some(Access::Disabled) => {
            session::end_all(transaction, id, None, now).await?;
            core.append(transaction, Event::by_admin("user.disabled", id, admin, &Value::Null)).await?;
        }
        Some(Access::Active) => {
            core.append(transaction, Event::by_admin("user.enabled", id, admin, &Value::Null)).await?;
        }
        None => {}
    }
    Ok(changed)
}
