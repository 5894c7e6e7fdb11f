//! One account as an administrator sees it.

use portreeve_contract::{
    UserId,
    user::{Role, UserDetail},
};
use portreeve_database::user;

use super::{Error, find, summary};
use crate::{core::Core, sessions};

pub(super) async fn detail(core: &Core, id: UserId) -> Result<UserDetail, Error> {
    let user = find(core, id).await?;
    let sessions = sessions::live(core, id, None).await?;
    let usable = user.disabled_at.is_none() && user.erase_at.is_none();
    let last_admin = usable && Role::from(user.role) == Role::Admin && user::count_admins(core.database.reader()).await? == 1;
    Ok(UserDetail { sessions, erase_at: user.erase_at, last_admin, user: summary(user) })
}
