//! `portreeve users`.

pub(super) mod access;

use std::{
    io::{self, BufRead, IsTerminal},
    process::ExitCode,
};

use portreeve_backends::{Clock, Random};
use portreeve_config::Config;
use portreeve_contract::{
    Problem,
    user::{Role, UserQuery, UserStatus, UserSummary},
};
use portreeve_services::{Services, users::NewUser};

use super::{fail, finish, say};
use crate::state;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make an account. The password is asked for, or read from the first line of standard input.
    Create {
        /// Where mail goes; counts as verified.
        #[arg(long)]
        email: String,
        /// What to call the person.
        #[arg(long)]
        name: String,
        /// Make an administrator.
        #[arg(long)]
        admin: bool,
    },
    /// Shut an account and end its sessions. Its keys stop working too, until it is opened again.
    Disable(access::Whom),
    /// Open an account that was shut.
    Enable(access::Whom),
    /// Make somebody a member or an administrator.
    Role {
        #[command(flatten)]
        whom: access::Whom,
        /// What the person may do.
        role: access::RoleName,
    },
    /// Sign somebody out everywhere.
    SignOut(access::Whom),
    /// List accounts, the newest first.
    List {
        /// Only those whose name or address contains this.
        #[arg(long, default_value = "")]
        search: String,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> ExitCode {
    let services = match open(config).await {
        Ok(services) => services,
        Err(error) => return fail(&error),
    };
    let outcome = match command {
        Command::Create { email, name, admin } => create(&services, email, name, admin).await,
        Command::Disable(whom) => access::disable(&services, &whom).await,
        Command::Enable(whom) => access::enable(&services, &whom).await,
        Command::Role { whom, role } => access::set_role(&services, &whom, role).await,
        Command::SignOut(whom) => access::sign_out(&services, &whom).await,
        Command::List { search } => list(&services, search).await,
    };
    services.database().clone().close().await;
    finish(outcome)
}

pub(super) async fn open(config: &Config) -> Result<Services, state::StartError> {
    state::prepare_data(config)?;
    let database = state::open(config).await?;
    state::services(config, database, Clock::System, Random::System).await
}

async fn create(services: &Services, email: String, name: String, admin: bool) -> Result<(), String> {
    let password = read_password().map_err(|error| format!("the password cannot be read: {error}"))?;
    let role = if admin { Role::Admin } else { Role::Member };
    let user = services.users.create(NewUser { name, email, password, role }).await.map_err(|error| explain(&error.into()))?;
    say(format_args!("Made {} {} ({}).", role_word(user.role), user.email, user.id));
    Ok(())
}

fn read_password() -> io::Result<String> {
    if io::stdin().is_terminal() {
        let password = rpassword::prompt_password("Password: ")?;
        if rpassword::prompt_password("Once more: ")? != password {
            return Err(io::Error::other("the two are not the same"));
        }
        return Ok(password);
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn list(services: &Services, search: String) -> Result<(), String> {
    let mut query = UserQuery { search, limit: Some(100), ..UserQuery::default() };
    loop {
        let page = services.users.list_as_operator(query.clone()).await.map_err(|error| explain(&error.into()))?;
        page.items.iter().for_each(|user| say(line(user)));
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn line(user: &UserSummary) -> String {
    let status = match user.status {
        UserStatus::Active => "active",
        UserStatus::Disabled => "disabled",
        UserStatus::Deleting => "deleting",
    };
    format!("{}  {:<13}  {:<8}  {}  {}", user.id, role_word(user.role), status, user.email, user.name)
}

pub(super) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Member => "member",
        Role::Admin => "administrator",
    }
}

/// A problem as lines for the terminal.
pub(super) fn explain(problem: &Problem) -> String {
    if problem.errors.is_empty() {
        return problem.title.clone();
    }
    problem.errors.iter().map(|error| format!("{}: {}", error.pointer.trim_start_matches('/'), error.detail)).collect::<Vec<_>>().join("\n")
}
