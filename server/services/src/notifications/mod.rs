//! Mails to people. Queued in the transaction of what they tell of, written and sent by a task, tried again until they are gone.

mod deliver;
mod job;

use std::sync::Arc;

use portreeve_backends::mail::Mailer;
use tokio_util::sync::CancellationToken;

pub(crate) use self::job::Job;
use crate::{Fault, core::Core};

/// The mails that wait.
#[derive(Clone, Debug)]
pub struct Notifications {
    core: Arc<Core>,
}

impl Notifications {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Writes and sends some of the mails that are due; says how many it took up. At least once each: one that was sent while the power failed is
    /// sent again. Told to stop, it ends after the one that it is at and hands the others back.
    pub async fn deliver_due(&self, mailer: &Mailer, stop: &CancellationToken) -> Result<usize, Fault> {
        deliver::deliver_due(&self.core, mailer, stop).await
    }

    /// Waits until a mail was queued in this process.
    pub async fn queued(&self) {
        self.core.mail_queued.notified().await;
    }
}
