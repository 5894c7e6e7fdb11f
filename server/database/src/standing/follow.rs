//! Hearing of what is changed elsewhere.

use std::time::{Duration, Instant};

use sea_orm::DbErr;

use super::{Concern, FRESH, Memory, Standings, ear::Ear};

/// As often as this it is looked whether something happened, should nobody say so.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// As many events at once, and everything is forgotten rather than read one by one. No more than are always kept (`events.max_count`), so that
/// none can be deleted before it is heard of.
const AT_ONCE: u64 = 1000;

impl Standings {
    /// Hears of changes, so that memory may be believed, until it is dropped. To be run once in each process that serves people.
    pub async fn follow(&self) {
        let memory = self.database.memory();
        let mut ear = Ear::of(&self.database);
        let (mut position, mut is_deaf) = (None, false);
        loop {
            let began = Instant::now();
            // After a gap it begins anew: what happened in it may have been deleted already.
            let from = position.filter(|_| memory.is_fresh());
            let looked = tokio::time::timeout(FRESH, look(&mut ear, memory, from)).await;
            match looked.unwrap_or_else(|_| Err(DbErr::Custom("no answer in time".to_owned()))) {
                Ok(next) => {
                    position = Some(next);
                    memory.is_true_as_of(began);
                    if std::mem::take(&mut is_deaf) {
                        tracing::info!("changes of accounts are heard of again");
                    }
                }
                Err(error) => {
                    ear.reset();
                    if !std::mem::replace(&mut is_deaf, true) {
                        tracing::warn!(%error, "changes of accounts are not heard of; until they are, each request reads its account's rows");
                    }
                }
            }
            tokio::select! {
                () = ear.rings() => {}
                () = memory.woken.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}

/// Forgets whom the events after `from` concern; without a place to begin at, everybody. Says up to where that is.
async fn look(ear: &mut Ear, memory: &Memory, from: Option<i64>) -> Result<i64, DbErr> {
    if let Some(from) = from {
        let events = ear.after(from, AT_ONCE).await?;
        if (events.len() as u64) < AT_ONCE {
            memory.forget(events.iter().filter_map(|(_, r#type, subject)| Concern::of(r#type, subject)));
            return Ok(events.iter().filter_map(|(position, ..)| *position).fold(from, i64::max));
        }
    }
    // In this order: what is read after it was forgotten has seen all that is before the position.
    let last = ear.last_position().await?;
    memory.forget_all();
    Ok(last)
}
