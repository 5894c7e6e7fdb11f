//! What goes on beside requests: for all processes together, and for this one.

mod housekeeping;
mod mail;
mod store_files;

use portreeve_backends::mail::Mailer;
use portreeve_services::Services;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Starts what any process may do for all, and the more processes do, the sooner it is done: mails, what is due by the clock, consumers. The
/// tasks end when told to, and hand back at once what they are at.
pub fn start(tasks: &mut JoinSet<()>, services: &Services, mailer: Mailer, stop: &CancellationToken) {
    tasks.spawn(mail::run(services.clone(), mailer, stop.clone()));
    tasks.spawn(housekeeping::run(services.clone(), stop.clone()));
    tasks.spawn(store_files::run(services.clone(), stop.clone()));
}

/// Starts what every process that serves people does for itself.
pub fn attend(tasks: &mut JoinSet<()>, services: &Services, stop: &CancellationToken) {
    tasks.spawn(housekeeping::tidy_up(services.clone(), stop.clone()));
    tasks.spawn(housekeeping::flush_seen(services.clone(), stop.clone()));
    let (hearing, told) = (services.clone(), stop.clone());
    tasks.spawn(async move { hearing.hear_of_changes(told).await });
    let (measuring, told) = (services.clone(), stop.clone());
    tasks.spawn(async move { measuring.measures.run(told).await });
    let (services, stop) = (services.clone(), stop.clone());
    tasks.spawn(async move { services.run_tail(stop).await });
}
