//! How often requests may come: of a network address, before anything else is done for them; of an account and of a key, as soon as it is known
//! whose they are.

mod class;
mod plans;
mod tally;

use axum::extract::Request;
use portreeve_backends::limits::{Kind, Subject, Take, Taken};
use portreeve_contract::{ErrorKind, Problem};
use portreeve_services::{Caller, Credential};

use self::plans::Plan;
pub use self::plans::Throttle;
pub(crate) use self::{class::Class, tally::Tally};
use crate::{Gateway, origin::address_of};

/// Counts a request for the address that it comes from, and leaves in it what its caller will be counted by. That is nothing for what is free.
///
/// # Errors
/// 429, with the tally for the answer's headers all the same.
pub(crate) async fn address(gateway: &Gateway, request: &mut Request, for_upstream: bool) -> (Option<Tally>, Result<(), Problem>) {
    let Some(throttle) = &gateway.settings.throttle else { return (None, Ok(())) };
    let Some(class) = Class::of(request, for_upstream) else { return (None, Ok(())) };
    let tally = Tally::new(class);
    request.extensions_mut().insert(tally.clone());
    let Some(plan) = throttle.of_address() else { return (Some(tally), Ok(())) };
    let subject = Subject::network(Kind::Address, address_of(request.extensions(), request.headers()));
    let counted = count(gateway, &tally, &[(plan, subject)]).await;
    (Some(tally), counted)
}

/// Counts a request for the account that it is of, and for the key that it came with.
///
/// # Errors
/// 429.
pub(crate) async fn caller(gateway: &Gateway, tally: Option<&Tally>, caller: &Caller) -> Result<(), Problem> {
    let (Some(throttle), Some(tally)) = (&gateway.settings.throttle, tally) else { return Ok(()) };
    let account = throttle.of_account(caller.role).map(|plan| (plan, Subject::id(Kind::Account, caller.user.0)));
    let counted = match &caller.credential {
        Credential::Session(_) => [account, None],
        Credential::ApiKey { id, plan, .. } => {
            let key = Subject::id(Kind::Key, id.0);
            match plan.as_deref().and_then(|name| throttle.named(name)) {
                // An administrator gave it, knowing that it is not the account's.
                Some(plan) => [Some((plan, key)), None],
                None => [account, throttle.of_key().map(|plan| (plan, key))],
            }
        }
    };
    let counted: Vec<_> = counted.into_iter().flatten().collect();
    tally.once(count(gateway, tally, &counted)).await
}

async fn count(gateway: &Gateway, tally: &Tally, subjects: &[(&Plan, Subject)]) -> Result<(), Problem> {
    let class = tally.class();
    let take = |(plan, subject): &(&Plan, Subject)| Take {
        subject: *subject,
        rate: plan.rate,
        class: plan.class(class).map(|(rate, _)| (class as u8, *rate)),
        daily: plan.daily.as_ref().map(|(quota, _)| *quota),
    };
    let takes: Vec<_> = subjects.iter().map(take).collect();
    if takes.is_empty() {
        return Ok(());
    }
    let given = gateway.services.limits().take(&takes).await;
    for ((plan, _), levels) in subjects.iter().zip(&given.0) {
        tally.note(plan, levels);
    }
    refusal(&given).map_or(Ok(()), Err)
}

fn refusal(taken: &Taken) -> Option<Problem> {
    let wait = taken.wait()?;
    let seconds = tally::seconds(wait).max(1);
    let is_over = taken.0.iter().filter_map(|levels| levels.day.as_ref()).any(|day| !day.wait.is_zero());
    let problem = if is_over {
        Problem::new(ErrorKind::Throttled, "quota_exceeded", "That was as much as there is for a day. Come back tomorrow, by UTC.")
    } else {
        let unit = if seconds == 1 { "a second".to_owned() } else { format!("{seconds} seconds") };
        Problem::new(ErrorKind::Throttled, "too_many_requests", format!("Too many requests. Wait {unit} and try again."))
    };
    Some(Problem { retry_after: Some(seconds), ..problem })
}
