//! The first administrator.

use std::sync::Arc;

use portreeve_contract::auth::Setup;
use portreeve_database::{
    DbErr,
    link::{self, Purpose},
    user::{self, Role, User},
};
use url::Url;

use super::{Error, SignedIn, links, sign_in, sign_up};
use crate::{Origin, core::Core};

pub(super) async fn offer(core: &Arc<Core>) -> Result<Option<Url>, Error> {
    if user::any(core.database.reader()).await? {
        return Ok(None);
    }
    let shared = core.clone();
    let url = core
        .database
        .write(async move |transaction| {
            link::delete_of_purpose(&transaction, Purpose::Setup).await?;
            links::create(&shared, &transaction, Purpose::Setup, None, None).await
        })
        .await
        .map_err(|error: DbErr| Error::from(error))?;
    Ok(Some(url))
}

pub(super) async fn setup(core: &Arc<Core>, from: &Origin, form: Setup) -> Result<SignedIn, Error> {
    // Before the work of hashing, and again, for good, in the transaction.
    super::inspect_link::inspect_link(core, &form.token).await?;
    let (name, email) = sign_up::check(core, &form.name, &form.email, &form.password).await?;
    let password_hash = core.passwords.hash(&form.password).await?;
    // Whoever reads the terminal answers for the address.
    let admin = User { email_verified_at: Some(core.now()), ..sign_up::new_user(core, &name, &email, password_hash, Role::Admin) };

    let (shared, from_there) = (core.clone(), from.clone());
    let (user, session, token) = core
        .database
        .write(async move |transaction| {
            links::consume(&shared, &transaction, &form.token, &[Purpose::Setup]).await?;
            let user = sign_up::insert(&shared, &transaction, admin).await?;
            let (session, token) = sign_in::open(&shared, &transaction, &user, &from_there).await?;
            Ok::<_, Error>((user, session, token))
        })
        .await?;
    sign_in::signed_in(core, from, &user, &session, &token)
}
