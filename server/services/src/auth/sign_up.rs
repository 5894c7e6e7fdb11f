//! Making an account.

use std::sync::Arc;

use portreeve_contract::{FieldError, UserId, auth::SignUp, email::Email, name::Name};
use portreeve_database::{
    Transaction, is_unique_violation,
    user::{self, Kind, Role, User},
};
use serde_json::json;

use super::{Error, SignedUp, sign_in};
use crate::{Origin, core::Core, events::Event, notifications::Job};

pub(super) async fn sign_up(core: &Arc<Core>, from: &Origin, form: SignUp) -> Result<SignedUp, Error> {
    if !core.settings.accounts.sign_up_open {
        return Err(Error::SignUpClosed);
    }
    core.throttle.tried(from).await?;
    let (name, email) = check(core, &form.name, &form.email, &form.password).await?;
    core.throttle.sign_up(from).await?;
    // Hashed before anyone looks whether the address is taken: the same work for both answers.
    let password_hash = core.passwords.hash(&form.password).await?;
    let user = new_user(core, &name, &email, password_hash, Role::Member);

    if core.settings.accounts.verification_required {
        quietly(core, user).await?;
        return Ok(SignedUp::VerificationSent);
    }
    let (shared, from_there) = (core.clone(), from.clone());
    let (user, session, token) = core
        .database
        .write(async move |transaction| {
            let user = insert(&shared, &transaction, user).await?;
            shared.queue(&transaction, &Job::VerifyEmail { user: user.id }).await?;
            let (session, token) = sign_in::open(&shared, &transaction, &user, &from_there).await?;
            Ok::<_, Error>((user, session, token))
        })
        .await?;
    Ok(SignedUp::SignedIn(sign_in::signed_in(core, from, &user, &session, &token)?))
}

/// Never tells whether the address was taken; the mail tells its owner.
async fn quietly(core: &Arc<Core>, user: User) -> Result<(), Error> {
    let mail_allowed = core.throttle.mail_to(&user.email_key).await.is_ok();
    let shared = core.clone();
    core.database
        .write(async move |transaction| {
            let job = match user::find_by_email(&transaction, &user.email_key).await? {
                Some(owner) if owner.email_verified_at.is_none() => Job::VerifyEmail { user: owner.id },
                Some(owner) => Job::AccountExists { user: owner.id },
                None => Job::VerifyEmail { user: insert(&shared, &transaction, user).await?.id },
            };
            if mail_allowed {
                shared.queue(&transaction, &job).await?;
            }
            Ok(())
        })
        .await
        // Two sign-ups with one address at once: the other one's mail is on its way.
        .or_else(|error| if matches!(error, Error::EmailTaken) { Ok(()) } else { Err(error) })
}

/// All three fields, so that the person sees everything at once.
pub(crate) async fn check(core: &Core, name: &str, email: &str, password: &str) -> Result<(Name, Email), Error> {
    let (name, email) = (Name::parse(name), Email::parse(email));
    // What is no name may be a megabyte.
    let known = [name.as_ref().ok().map(Name::as_str), email.as_ref().ok().map(Email::as_str)];
    let known: Vec<_> = known.into_iter().flatten().collect();
    let password = core.passwords.check("password", password, &known).await?;
    match (name, email, password) {
        (Ok(name), Ok(email), Ok(())) => Ok((name, email)),
        (name, email, password) => {
            let errors: Vec<FieldError> = [name.err(), email.err(), password.err()].into_iter().flatten().collect();
            Err(Error::Invalid(errors))
        }
    }
}

/// A row for a new account.
pub(crate) fn new_user(core: &Core, name: &Name, email: &Email, password_hash: String, role: Role) -> User {
    let now = core.now();
    User {
        id: UserId(core.random.uuid(now)),
        kind: Kind::Person,
        name: name.as_str().to_owned(),
        name_key: crate::list::key_of(name.as_str()),
        email: email.as_str().to_owned(),
        email_key: email.key(),
        email_verified_at: None,
        pending_email: None,
        password_hash,
        role,
        disabled_at: None,
        erase_at: None,
        created_at: now,
        version: 1,
    }
}

/// Inserts the account and the event that tells of it.
pub(crate) async fn insert(core: &Core, transaction: &Transaction, user: User) -> Result<User, Error> {
    let user = user::insert(transaction, user)
        .await
        .map_err(|error| if is_unique_violation(&error) { Error::EmailTaken } else { error.into() })?;
    core.append(transaction, Event::user("user.created", user.id, json!({ "role": portreeve_contract::user::Role::from(user.role) })))
        .await?;
    Ok(user)
}
