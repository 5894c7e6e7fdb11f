//! Keys of service accounts, made where nobody has to sign in: at the terminal.

use std::io::{Write, stdout};

use chrono::{DateTime, Utc};
use portreeve_contract::{
    ApiKeyId,
    api_key::{ApiKey, NewApiKey, Scope},
};
use portreeve_services::{Services, api_keys::Error};

use super::{Which, explain, say};

/// A key to be made.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct New {
    #[command(flatten)]
    which: Which,
    /// What to call it.
    #[arg(long)]
    name: String,
    /// What it may be used for, such as files:read; to be given for each.
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = scope)]
    scopes: Vec<Scope>,
    /// When it ends by itself, such as 2030-01-01T00:00:00Z. Never, if not given.
    #[arg(long)]
    expires_at: Option<DateTime<Utc>>,
    /// The plan by which it is counted, instead of the usual one.
    #[arg(long)]
    plan: Option<String>,
}

/// A key to be ended.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Ended {
    #[command(flatten)]
    which: Which,
    /// The key's id, as `list-keys` shows it.
    key: ApiKeyId,
}

fn scope(name: &str) -> Result<Scope, String> {
    let all = || Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    name.parse().map_err(|()| format!("there are {}", all()))
}

pub(super) async fn create(services: &Services, new: New) -> Result<(), String> {
    let New { which, name, scopes, expires_at, plan } = new;
    let created = services.api_keys.create_of_as_operator(which.id, NewApiKey { name, scopes, expires_at, plan }).await.map_err(told)?;
    let told_it = writeln!(stdout(), "{}", created.key).and_then(|()| stdout().flush());
    if let Err(error) = told_it {
        // Nobody has seen it, and nobody will.
        services.api_keys.revoke_of_as_operator(which.id, created.api_key.id).await.map_err(told)?;
        return Err(format!("the key could not be printed ({error}), and is revoked"));
    }
    Ok(())
}

pub(super) async fn list(services: &Services, which: &Which) -> Result<(), String> {
    services.api_keys.list_of_as_operator(which.id).await.map_err(told)?.iter().for_each(|key| say(line(key)));
    Ok(())
}

pub(super) async fn revoke(services: &Services, ended: &Ended) -> Result<(), String> {
    services.api_keys.revoke_of_as_operator(ended.which.id, ended.key).await.map_err(told)?;
    say(format_args!("Revoked the key {}.", ended.key));
    Ok(())
}

fn line(key: &ApiKey) -> String {
    let time = |at: Option<DateTime<Utc>>, none: &str| at.map_or_else(|| none.to_owned(), |at| at.format("%F %T UTC").to_string());
    let scopes = key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let (ends, used) = (time(key.expires_at, "never"), time(key.last_used_at, "never"));
    format!("{}  …{}  {}  {scopes}  ends {ends}, last used {used}", key.id, key.hint, key.name)
}

fn told(error: Error) -> String {
    explain(&error.into())
}
