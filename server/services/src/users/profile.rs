//! One's own account.

use std::sync::Arc;

use portreeve_contract::{
    UserId,
    name::Name,
    user::{Profile, ProfileChange},
};
use portreeve_database::user::{self, Person, User};

use super::{Error, not_changed, version};
use crate::{Caller, core::Core, events::Event};

pub(super) async fn update(core: &Arc<Core>, caller: &Caller, seen: Option<u64>, change: ProfileChange) -> Result<Profile, Error> {
    let name = change.name.as_deref().map(Name::parse).transpose()?;
    let (shared, id) = (core.clone(), caller.user);
    core.database
        .write(async move |transaction| {
            // A machine may have a key for this as well.
            let user = user::find_for_update(&transaction, id).await?.ok_or(Error::NotFound)?;
            not_changed(&user, seen)?;
            let Some(name) = name.filter(|name| name.as_str() != user.name) else { return Ok(of(user)) };
            let changed = User { name: name.as_str().to_owned(), name_key: crate::list::key_of(name.as_str()), ..user };
            let changed = user::update(&transaction, changed).await?;
            shared.append(&transaction, Event::user("user.updated", id, serde_json::json!({ "fields": ["name"] }))).await?;
            Ok(of(changed))
        })
        .await
}

/// What a person sees of their own account.
pub(crate) fn of(user: User) -> Profile {
    Profile {
        version: version(&user),
        id: user.id,
        name: user.name,
        email: user.email,
        email_verified: user.email_verified_at.is_some(),
        pending_email: user.pending_email,
        role: user.role.into(),
        created_at: user.created_at,
    }
}

/// The same, of whoever asks.
pub(crate) fn of_person(id: UserId, person: &Person) -> Profile {
    Profile {
        version: u64::try_from(person.version).unwrap_or_default(),
        id,
        name: person.name.clone(),
        email: person.email.clone(),
        email_verified: person.email_verified_at.is_some(),
        pending_email: person.pending_email.clone(),
        role: person.role.into(),
        created_at: person.created_at,
    }
}
