//! Writing and sending what was queued.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use portreeve_backends::mail::{Mail, Mailer, STEPS};
use portreeve_contract::UserId;
use portreeve_database::{
    DbErr,
    link::Purpose,
    mail,
    user::{self, Kind, User},
};

use tokio_util::sync::CancellationToken;

use super::Job;
use crate::{
    Fault,
    auth::links,
    core::{Core, delta},
    mails::{self, Template},
};

/// Taken up at once.
const BATCH: u64 = 20;
/// How long a mail is one sender's, beyond the time for one try: after that it may be that the sender died.
const CLAIM_MARGIN: TimeDelta = TimeDelta::minutes(2);
/// Two days of trying, the pauses doubling from half a minute to six hours.
const MAX_ATTEMPTS: i32 = 18;
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(6);

pub(super) async fn deliver_due(core: &Arc<Core>, mailer: &Mailer, stop: &CancellationToken) -> Result<usize, Fault> {
    let now = core.now();
    let longest = delta(core.settings.mails.timeout * STEPS);
    let until = now + longest + CLAIM_MARGIN;
    let claimed = core.database.write(async move |transaction| mail::claim(&transaction, now, until, BATCH).await).await?;
    let count = claimed.len();
    let mut claimed = claimed.into_iter();
    // Those before it may have taken so long that it would be another's before it is sent.
    while !stop.is_cancelled()
        && core.now() + longest <= until
        && let Some(row) = claimed.next()
    {
        let id = row.id;
        // One that cannot be written must not hold up the others; it comes up again when its claim runs out.
        if let Err(error) = deliver(core, mailer, row).await {
            tracing::error!(%id, %error, "a mail could not be dealt with");
        }
    }
    let back: Vec<_> = claimed.map(|row| row.id).collect();
    if !back.is_empty() {
        core.database.write(async move |transaction| mail::hand_back(&transaction, &back, now).await).await?;
    }
    Ok(count)
}

async fn deliver(core: &Arc<Core>, mailer: &Mailer, row: mail::Mail) -> Result<(), Fault> {
    let job: Job = serde_json::from_value(row.job)?;
    let Some((to, to_name, template)) = write(core, job).await? else { return forget(core, row.id).await };
    let rendered = mails::render(&template, &core.settings.public_url).map_err(|error| Fault::Mail(error.to_string()))?;
    let mail = Mail { to, to_name, subject: rendered.subject, text: rendered.text, html: rendered.html };
    match mailer.send(&mail, core.now()).await {
        Ok(delivered) => {
            tracing::info!(id = %row.id, %delivered, "sent a mail");
            core.counters.mail("sent");
            forget(core, row.id).await
        }
        Err(error) if error.is_permanent() || row.attempts >= MAX_ATTEMPTS => {
            tracing::error!(id = %row.id, %error, attempts = row.attempts, "gave up on a mail");
            core.counters.mail("given_up");
            forget(core, row.id).await
        }
        Err(error) => {
            let pause = (FIRST_PAUSE * (1 << (row.attempts - 1).clamp(0, 12))).min(LONGEST_PAUSE);
            tracing::warn!(id = %row.id, %error, attempts = row.attempts, again_in = %pause, "a mail could not be sent");
            core.counters.mail("postponed");
            let (id, due_at) = (row.id, core.now() + pause);
            Ok(core.database.write(async move |transaction| mail::postpone(&transaction, id, due_at).await).await?)
        }
    }
}

async fn forget(core: &Core, id: uuid::Uuid) -> Result<(), Fault> {
    Ok(core.database.write(async move |transaction| mail::delete(&transaction, id).await).await?)
}

/// To whom, and what; `None` if there is nothing to say any more.
async fn write(core: &Arc<Core>, job: Job) -> Result<Option<(String, Option<String>, Template)>, Fault> {
    if let Job::EmailChanged { name, old_email, new_email } = job {
        return Ok(Some((old_email, Some(name.clone()), Template::EmailChanged { name, new_email })));
    }
    let user = match &job {
        Job::ResetPassword { email_key } => user::find_by_email(core.database.reader(), email_key).await?,
        Job::VerifyEmail { user }
        | Job::ChangeEmail { user }
        | Job::PasswordChanged { user }
        | Job::ApiKeyCreated { user }
        | Job::AccountExists { user }
        | Job::SessionReuse { user, .. }
        | Job::DeletionScheduled { user }
        | Job::DeletionCancelled { user } => user::find_of(core.database.reader(), Kind::Person, *user).await?,
        Job::EmailChanged { .. } => None,
    };
    let Some(user) = user else { return Ok(None) };
    let name = user.name.clone();
    let accounts = &core.settings.accounts;
    let template = match job {
        Job::VerifyEmail { .. } if user.email_verified_at.is_some() => return Ok(None),
        Job::VerifyEmail { .. } => {
            let url = link(core, Purpose::VerifyEmail, user.id, &user.email).await?;
            Template::VerifyEmail { name, url, hours: hours(accounts.verification_lifetime) }
        }
        Job::ChangeEmail { .. } => {
            let Some(new_email) = user.pending_email.clone() else { return Ok(None) };
            let url = link(core, Purpose::ChangeEmail, user.id, &new_email).await?;
            let template = Template::ChangeEmail {
                name: name.clone(),
                url,
                new_email: new_email.clone(),
                hours: hours(accounts.verification_lifetime),
            };
            return Ok(Some((new_email, Some(name), template)));
        }
        Job::ResetPassword { .. } if user.disabled_at.is_some() => return Ok(None),
        Job::ResetPassword { .. } => {
            let url = link(core, Purpose::ResetPassword, user.id, &user.email).await?;
            Template::ResetPassword { name, url, minutes: accounts.reset_lifetime.as_secs().div_ceil(60) }
        }
        Job::PasswordChanged { .. } => Template::PasswordChanged { name },
        Job::ApiKeyCreated { .. } => Template::ApiKeyCreated { name },
        Job::AccountExists { .. } => Template::AccountExists { name },
        Job::SessionReuse { device, .. } => Template::SessionReuse { name, device },
        Job::DeletionScheduled { .. } => {
            let Some(erase_at) = user.erase_at else { return Ok(None) };
            Template::DeletionScheduled { name, erase_at }
        }
        Job::DeletionCancelled { .. } => Template::DeletionCancelled { name },
        Job::EmailChanged { .. } => return Ok(None),
    };
    let User { email, name, .. } = user;
    Ok(Some((email, Some(name), template)))
}

async fn link(core: &Arc<Core>, purpose: Purpose, user: UserId, email: &str) -> Result<String, Fault> {
    let (shared, email) = (core.clone(), email.to_owned());
    let url = core
        .database
        .write(async move |transaction| links::create(&shared, &transaction, purpose, Some(user), Some(email)).await)
        .await
        .map_err(|error: DbErr| Fault::from(error))?;
    Ok(url.into())
}

fn hours(lifetime: Duration) -> u64 {
    lifetime.as_secs().div_ceil(3600)
}
