//! Making a member an administrator, or the other way round.

use std::sync::Arc;

use portreeve_contract::{
    UserId,
    user::{Role, UserDetail},
};
use portreeve_database::user::{self, User};

use super::{Error, detail::detail, find_for_update, last_admin::not_the_last};
use crate::{Caller, core::Core, events::Event};

pub(super) async fn change_role(core: &Arc<Core>, caller: &Caller, id: UserId, role: Role) -> Result<UserDetail, Error> {
    let (shared, admin) = (core.clone(), caller.user);
    core.database
        .write(async move |transaction| {
            if role != Role::Admin {
                not_the_last(&transaction, id).await?;
            }
            let user = find_for_update(&transaction, id).await?;
            if Role::from(user.role) != role {
                user::update(&transaction, User { role: role.into(), ..user }).await?;
                shared.append(&transaction, Event::by_admin("user.role_changed", id, admin, &serde_json::json!({ "role": role }))).await?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    detail(core, id).await
}
