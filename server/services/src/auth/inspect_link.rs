//! Looking at a link without using it.

use portreeve_contract::auth::Link;
use portreeve_database::link;

use super::Error;
use crate::{core::Core, tokens::LinkToken};

pub(super) async fn inspect_link(core: &Core, token: &str) -> Result<Link, Error> {
    let found = link::find(core.database.reader(), &LinkToken::hash(token), core.now()).await?.ok_or(Error::LinkInvalid)?;
    Ok(Link { purpose: found.purpose.into(), email: found.email, expires_at: found.expires_at })
}
