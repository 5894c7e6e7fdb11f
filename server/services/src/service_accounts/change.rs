//! Changes to a service account: what it is called, what it may do, and whether it may come in at all.

use std::sync::Arc;

use portreeve_contract::{
    FieldError, UserId,
    name::Name,
    service_account::{ServiceAccount, ServiceAccountChange},
    user::UserChange,
};
use portreeve_database::{
    Transaction,
    user::{self, User},
};
use serde_json::json;

use super::{Error, find_for_update, show};
use crate::{
    core::Core,
    events::Event,
    users::{self, version},
};

pub(super) async fn change(
    core: &Arc<Core>,
    admin: Option<UserId>,
    id: UserId,
    seen: Option<u64>,
    change: ServiceAccountChange,
) -> Result<ServiceAccount, Error> {
    let ServiceAccountChange { name, role, status } = change;
    let name = name.as_deref().map(Name::parse).transpose().map_err(as_of_an_account)?;
    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            let before = find_for_update(&transaction, id).await?;
            if seen.is_some_and(|seen| seen != version(&before)) {
                return Err(Error::Changed);
            }
            let named = rename(&shared, &transaction, admin, before, name).await?;
            let changed = users::change::apply(&shared, &transaction, admin, named, UserChange { role, status }).await?;
            Ok(show(changed))
        })
        .await
}

async fn rename(core: &Core, transaction: &Transaction, admin: Option<UserId>, before: User, name: Option<Name>) -> Result<User, Error> {
    let Some(name) = name.filter(|name| name.as_str() != before.name) else { return Ok(before) };
    let named = User { name: name.as_str().to_owned(), name_key: crate::list::key_of(name.as_str()), ..before };
    let named = user::update(transaction, named).await?;
    core.append(transaction, Event::by_admin("user.updated", named.id, admin, &json!({ "fields": ["name"] }))).await?;
    Ok(named)
}

/// What is wrong with a name, in words for whoever names a machine.
pub(super) fn as_of_an_account(error: FieldError) -> FieldError {
    match error.code.as_str() {
        "required" => FieldError::new("name", "required", "Give the service account a name."),
        _ => error,
    }
}
