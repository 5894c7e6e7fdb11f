//! `portreeve service-accounts`.

mod keys;

use std::process::ExitCode;

use portreeve_config::Config;
use portreeve_contract::{
    UserId,
    service_account::{NewServiceAccount, ServiceAccount, ServiceAccountChange, ServiceAccountQuery},
    user::{Access, Role},
};
use portreeve_services::{Services, service_accounts::Error};

use super::{
    ask, fail, finish, say,
    users::{access::RoleName, explain, open, role_word},
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a service account. It opens nothing until it has a key: see `create-key`.
    Create {
        /// What to call it.
        #[arg(long)]
        name: String,
        /// Make it an administrator. The scopes of its keys bound what they open all the same.
        #[arg(long)]
        admin: bool,
    },
    /// List service accounts, the newest first.
    List {
        /// Only those whose name or id contains this.
        #[arg(long, default_value = "")]
        search: String,
    },
    /// Have all keys of a service account refused, until it is enabled again.
    Disable(Which),
    /// Have all keys of a service account taken again.
    Enable(Which),
    /// Make a service account a member or an administrator.
    Role {
        #[command(flatten)]
        which: Which,
        /// What it may do.
        role: RoleName,
    },
    /// Erase a service account with its keys and its files, for good.
    Delete {
        #[command(flatten)]
        which: Which,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Make a key for a service account. It is printed this once, and alone, so that a script can take it.
    CreateKey(keys::New),
    /// List the keys of a service account, the newest first.
    ListKeys(Which),
    /// End a key of a service account. It opens nothing from then on.
    RevokeKey(keys::Ended),
}

/// A service account.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The service account's id, as `list` shows it.
    id: UserId,
}

pub(super) async fn run(config: &Config, command: Command) -> ExitCode {
    let services = match open(config).await {
        Ok(services) => services,
        Err(error) => return fail(&error),
    };
    let outcome = match command {
        Command::Create { name, admin } => create(&services, name, admin).await,
        Command::List { search } => list(&services, search).await,
        Command::Disable(which) => {
            let change = ServiceAccountChange { status: Some(Access::Disabled), ..ServiceAccountChange::default() };
            update(&services, &which, change, "Its keys open nothing now").await
        }
        Command::Enable(which) => {
            let change = ServiceAccountChange { status: Some(Access::Active), ..ServiceAccountChange::default() };
            update(&services, &which, change, "Its keys work").await
        }
        Command::Role { which, role } => {
            let role = role.into();
            let change = ServiceAccountChange { role: Some(role), ..ServiceAccountChange::default() };
            let done = if role == Role::Admin { "It is an administrator" } else { "It is a member" };
            update(&services, &which, change, done).await
        }
        Command::Delete { which, yes } => delete(&services, &which, yes).await,
        Command::CreateKey(new) => keys::create(&services, new).await,
        Command::ListKeys(which) => keys::list(&services, &which).await,
        Command::RevokeKey(ended) => keys::revoke(&services, &ended).await,
    };
    services.database().clone().close().await;
    finish(outcome)
}

async fn create(services: &Services, name: String, admin: bool) -> Result<(), String> {
    let role = if admin { Role::Admin } else { Role::Member };
    let account = services.service_accounts.create_as_operator(NewServiceAccount { name, role }).await.map_err(told)?;
    say(format_args!("Made the service account {} ({}).", account.name, account.id));
    Ok(())
}

async fn list(services: &Services, search: String) -> Result<(), String> {
    let mut query = ServiceAccountQuery { search, limit: Some(100), ..ServiceAccountQuery::default() };
    loop {
        let page = services.service_accounts.list_as_operator(query.clone()).await.map_err(told)?;
        page.items.iter().for_each(|account| say(line(account)));
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn line(account: &ServiceAccount) -> String {
    let status = match account.status {
        Access::Active => "active",
        Access::Disabled => "disabled",
    };
    format!("{}  {:<13}  {:<8}  {}", account.id, role_word(account.role), status, account.name)
}

async fn update(services: &Services, which: &Which, change: ServiceAccountChange, done: &str) -> Result<(), String> {
    let account = services.service_accounts.update_as_operator(which.id, change).await.map_err(told)?;
    say(format_args!("{done}: {} ({}).", account.name, account.id));
    Ok(())
}

async fn delete(services: &Services, which: &Which, yes: bool) -> Result<(), String> {
    if ask("The service account is erased with its keys and its files. This cannot be undone.", yes)? {
        services.service_accounts.delete_as_operator(which.id).await.map_err(told)?;
        say(format_args!("Deleted the service account {}.", which.id));
    }
    Ok(())
}

fn told(error: Error) -> String {
    explain(&error.into())
}
