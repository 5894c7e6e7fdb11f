//! Who may come in, and as what, decided where nobody has to sign in: at the terminal.

use portreeve_contract::user::{Access, Role, UserChange, UserSummary};
use portreeve_services::{Services, users::Error};

use super::{explain, say};

/// An account.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Whom {
    /// The account's address.
    email: String,
}

/// A role as it is typed.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(in crate::cli) enum RoleName {
    /// Their own account.
    Member,
    /// Everyone's.
    Admin,
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::Member => Self::Member,
            RoleName::Admin => Self::Admin,
        }
    }
}

pub(super) async fn disable(services: &Services, whom: &Whom) -> Result<(), String> {
    let user = update(services, whom, UserChange { status: Some(Access::Disabled), ..UserChange::default() }).await?;
    say(format_args!("Shut the account of {} ({}).", user.email, user.id));
    Ok(())
}

pub(super) async fn enable(services: &Services, whom: &Whom) -> Result<(), String> {
    let user = update(services, whom, UserChange { status: Some(Access::Active), ..UserChange::default() }).await?;
    say(format_args!("Opened the account of {} ({}).", user.email, user.id));
    Ok(())
}

pub(super) async fn set_role(services: &Services, whom: &Whom, role: RoleName) -> Result<(), String> {
    let role = role.into();
    let words = if role == Role::Admin { "an administrator" } else { "a member" };
    let user = update(services, whom, UserChange { role: Some(role), ..UserChange::default() }).await?;
    say(format_args!("Made {} {words} ({}).", user.email, user.id));
    Ok(())
}

pub(super) async fn sign_out(services: &Services, whom: &Whom) -> Result<(), String> {
    let user = find(services, whom).await?;
    services.users.end_sessions_as_operator(user.id).await.map_err(told)?;
    say(format_args!("Signed {} out everywhere ({}).", user.email, user.id));
    Ok(())
}

async fn update(services: &Services, whom: &Whom, change: UserChange) -> Result<UserSummary, String> {
    let user = find(services, whom).await?;
    Ok(services.users.update_as_operator(user.id, change).await.map_err(told)?.user)
}

async fn find(services: &Services, whom: &Whom) -> Result<UserSummary, String> {
    services.users.find_as_operator(&whom.email).await.map_err(told)
}

fn told(error: Error) -> String {
    explain(&error.into())
}
