//! Erasing accounts whose time has come.

use std::sync::Arc;

use portreeve_database::{DbErr, file, user};

use crate::{Fault, core::Core, events::Event};

/// At a time; the rest has its turn a minute later.
const AT_ONCE: u64 = 100;

pub(super) async fn erase_due(core: &Arc<Core>) -> Result<(), Fault> {
    let now = core.now();
    for user in user::find_to_erase(core.database.reader(), now, AT_ONCE).await? {
        let (shared, id) = (core.clone(), user.id);
        core.database
            .write(async move |transaction| {
                // Their bytes are erased after them; a file outlives its owner until then.
                file::erase_all_of(&transaction, id, now).await?;
                if user::erase(&transaction, id, now).await? {
                    shared.append(&transaction, Event::user("user.erased", id, serde_json::json!({}))).await?;
                }
                Ok::<_, DbErr>(())
            })
            .await?;
    }
    Ok(())
}
