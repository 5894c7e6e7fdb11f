//! Making a service account.

use std::sync::Arc;

use portreeve_contract::{
    UserId,
    name::Name,
    service_account::{NewServiceAccount, ServiceAccount},
    user::Role,
};
use portreeve_database::{
    Transaction,
    user::{self, Kind, User},
};
use serde_json::json;

use super::{Error, show};
use crate::{
    Caller, Fault,
    core::Core,
    events::Event,
    idempotency::{self, Keyed},
};

/// A service account, made now or by the same request before.
#[derive(Clone, Debug)]
pub struct Created {
    /// As it was when it was made.
    pub account: ServiceAccount,
    /// Whether that was before.
    pub repeated: bool,
}

pub(super) async fn create(
    core: &Arc<Core>,
    caller: &Caller,
    new: NewServiceAccount,
    idempotency_key: Option<String>,
) -> Result<Created, Error> {
    let asked = serde_json::to_vec(&new).map_err(Fault::from)?;
    let keyed = Keyed::new(core, caller, idempotency_key, &[b"service-account", &asked]);
    if let Some(repeated) = repeated(core, keyed.as_ref()).await? {
        return Ok(repeated);
    }
    let row = row(core, &new)?;
    let (shared, admin, twin) = (core.clone(), caller.user, keyed.clone());
    let made = core
        .database
        .write(async move |transaction| {
            let account = insert(&shared, &transaction, row, Some(admin)).await?;
            if let Some(keyed) = keyed {
                keyed.keep(&shared, &transaction, serde_json::to_value(&account).map_err(Fault::from)?).await?;
            }
            Ok::<_, Error>(Created { account, repeated: false })
        })
        .await;
    match made {
        // A twin of this request was a moment faster.
        Err(Error::Idempotency(error @ idempotency::Error::InFlight)) => repeated(core, twin.as_ref()).await?.ok_or_else(|| error.into()),
        made => made,
    }
}

pub(super) async fn create_as_operator(core: &Arc<Core>, new: NewServiceAccount) -> Result<ServiceAccount, Error> {
    let row = row(core, &new)?;
    let shared = core.clone();
    core.database.write(async move |transaction| insert(&shared, &transaction, row, None).await).await
}

async fn repeated(core: &Core, keyed: Option<&Keyed>) -> Result<Option<Created>, Error> {
    let Some(keyed) = keyed else { return Ok(None) };
    let Some(answer) = keyed.answered(core).await? else { return Ok(None) };
    let account = serde_json::from_value(answer).map_err(Fault::from)?;
    Ok(Some(Created { account, repeated: true }))
}

/// Nothing in it lets anybody sign in: no address is a mere id, and no password has an empty hash.
fn row(core: &Core, new: &NewServiceAccount) -> Result<User, Error> {
    let name = Name::parse(&new.name).map_err(super::change::as_of_an_account)?;
    let now = core.now();
    let id = UserId(core.random.uuid(now));
    Ok(User {
        id,
        kind: Kind::ServiceAccount,
        name: name.as_str().to_owned(),
        name_key: crate::list::key_of(name.as_str()),
        email: String::new(),
        email_key: id.to_string(),
        email_verified_at: None,
        pending_email: None,
        password_hash: String::new(),
        role: new.role.into(),
        disabled_at: None,
        erase_at: None,
        created_at: now,
        version: 1,
    })
}

async fn insert(core: &Core, transaction: &Transaction, row: User, admin: Option<UserId>) -> Result<ServiceAccount, Error> {
    let made = user::insert(transaction, row).await?;
    let told = json!({ "kind": "service_account", "role": Role::from(made.role), "by": admin });
    core.append(transaction, Event::user("user.created", made.id, told)).await?;
    Ok(show(made))
}
