//! Erasing accounts whose time has come.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use portreeve_contract::UserId;
use portreeve_database::{DbErr, Transaction, file, user};

use crate::{Fault, core::Core, events::Event};

/// At a time; the rest has its turn a minute later.
const AT_ONCE: u64 = 100;

pub(super) async fn erase_due(core: &Arc<Core>) -> Result<(), Fault> {
    let now = core.now();
    for user in user::find_to_erase(core.database.reader(), now, AT_ONCE).await? {
        let (shared, id) = (core.clone(), user.id);
        core.database.write(async move |transaction| erase(&shared, &transaction, id, now).await).await?;
    }
    Ok(())
}

/// Unless its owner changed their mind since it was found.
async fn erase(core: &Core, transaction: &Transaction, id: UserId, now: DateTime<Utc>) -> Result<(), DbErr> {
    let user = user::find_for_update(transaction, id).await?;
    if user.and_then(|user| user.erase_at).is_none_or(|at| at > now) {
        return Ok(());
    }
    // Their bytes are erased after them; a file outlives its owner until then.
    file::erase_all_of(transaction, id, now).await?;
    user::delete(transaction, id).await?;
    core.append(transaction, Event::user("user.erased", id, serde_json::json!({}))).await
}
