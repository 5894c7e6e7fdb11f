//! Sending the mails that wait.

use std::time::Duration;

use portreeve_backends::mail::Mailer;
use portreeve_services::Services;
use tokio_util::sync::CancellationToken;

/// A queued mail rings; this is for those whose time to try again has come, and for those that another process queued.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(services: Services, mailer: Mailer, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match services.notifications.deliver_due(&mailer, &stop).await {
            Ok(0) => {
                tokio::select! {
                    () = services.notifications.queued() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = stop.cancelled() => {}
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "sending mail");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}
