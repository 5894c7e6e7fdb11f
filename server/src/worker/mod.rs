//! What goes on beside requests.

mod housekeeping;
mod mail;
mod store_files;

use portreeve_backends::mail::Mailer;
use portreeve_services::Services;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Starts every task; they end when told to stop, having finished what they were at.
pub fn start(services: &Services, mailer: Mailer, stop: &CancellationToken) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(mail::run(services.clone(), mailer, stop.clone()));
    tasks.spawn(housekeeping::run(services.clone(), stop.clone()));
    tasks.spawn(housekeeping::flush_seen(services.clone(), stop.clone()));
    tasks.spawn(store_files::run(services.clone(), stop.clone()));
    tasks.spawn({
        let (services, stop) = (services.clone(), stop.clone());
        async move { services.run_tail(stop).await }
    });
    tasks
}
