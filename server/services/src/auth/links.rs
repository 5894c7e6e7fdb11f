//! Making and using up single-use links.

use std::time::Duration;

use portreeve_contract::UserId;
use portreeve_database::{
    DbErr, Transaction,
    link::{self, Link, Purpose},
};
use url::Url;

use super::Error;
use crate::{
    core::{Core, delta},
    tokens::LinkToken,
};

/// The page that a link opens.
fn page(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Setup => "/setup",
        Purpose::VerifyEmail | Purpose::ChangeEmail => "/verify-email",
        Purpose::ResetPassword => "/reset-password",
    }
}

pub(super) fn lifetime(core: &Core, purpose: Purpose) -> Duration {
    let accounts = &core.settings.accounts;
    match purpose {
        Purpose::Setup => accounts.setup_lifetime,
        Purpose::VerifyEmail | Purpose::ChangeEmail => accounts.verification_lifetime,
        Purpose::ResetPassword => accounts.reset_lifetime,
    }
}

/// Makes a link. The address begins with `public_url`, never with what a request called this host.
pub(crate) async fn create(
    core: &Core,
    transaction: &Transaction,
    purpose: Purpose,
    user: Option<UserId>,
    email: Option<String>,
) -> Result<Url, DbErr> {
    let token = LinkToken::new(&core.random);
    let now = core.now();
    let row = Link {
        token_hash: LinkToken::hash(token.as_str()),
        purpose,
        user_id: user,
        email,
        created_at: now,
        expires_at: now + delta(lifetime(core, purpose)),
    };
    link::insert(transaction, row).await?;
    let mut url = core.settings.public_url.clone();
    url.set_path(page(purpose));
    url.query_pairs_mut().clear().append_pair("token", token.as_str());
    Ok(url)
}

/// Uses the link up, in the transaction of what it is used for: if that fails, the link works on.
pub(super) async fn consume(core: &Core, transaction: &Transaction, token: &str, purposes: &[Purpose]) -> Result<Link, Error> {
    let hash = LinkToken::hash(token);
    let found =
        link::find(transaction, &hash, core.now()).await?.filter(|link| purposes.contains(&link.purpose)).ok_or(Error::LinkInvalid)?;
    if link::consume(transaction, &hash).await? { Ok(found) } else { Err(Error::LinkInvalid) }
}
