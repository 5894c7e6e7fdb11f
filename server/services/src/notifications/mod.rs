//! Mails to people. Queued in the transaction of what they tell of, written and sent by a task, tried again until they are gone.

mod deliver;
mod job;

use std::sync::Arc;

pub(crate) use self::job::Job;
use crate::core::Core;

/// The mails that wait.
#[derive(Clone, Debug)]
pub struct Notifications {
    core: Arc<Core>,
}

impl Notifications {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }
}
