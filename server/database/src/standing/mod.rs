//! How things stand with whoever asks: their session or key, and their account. Every authorized request wants to know, so it is remembered, in this
//! process only, for as long as it is sure to be so.
//!
//! - What is changed **here** is forgotten here when it is committed, before whoever changed it is answered: an event tells of each such change, and a
//!   transaction that appended one names whom it concerns ([`Concern`]). No rule of a service can forget to.
//! - What is changed **elsewhere**, by another node or by the command line, is heard of by the same events ([`Standings::follow`]).
//! - What was **read before** something was forgotten is not remembered after it ([`Memory`]).
//! - Nothing of it counts unless this process looked at the events within [`FRESH`]. One that cannot hear reads the rows, each time.
//!
//! So an answer from memory is never older than [`FRESH`], whatever breaks: a process that is cut off, one that is too slow to look, a message that is lost.

mod concern;
mod ear;
mod follow;
mod memory;

use std::{sync::Arc, time::Duration};

use portreeve_contract::SessionId;
use sea_orm::DbErr;

pub(crate) use self::{concern::Concern, ear::wake_others, memory::Memory};
use crate::{
    Database, api_key,
    session::{self, Lookup},
};

/// How old an answer from memory may be. What is promised is a second.
pub(crate) const FRESH: Duration = Duration::from_millis(900);

/// Finds how things stand with a session or a key.
#[derive(Clone, Debug)]
pub struct Standings {
    database: Database,
    sessions: Lookup,
}

/// How many answers came from memory, and how many were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// From memory.
    pub hits: u64,
    /// From the database.
    pub misses: u64,
}

impl Standings {
    /// Over a database. Everything is read until somebody runs [`Self::follow`].
    pub fn start(database: &Database) -> Self {
        Self { database: database.clone(), sessions: Lookup::start(database) }
    }

    /// The session, ended or not, with its user. What is remembered of an earlier generation of its refresh token than `generation` does not count.
    pub async fn of_session(&self, id: SessionId, generation: i64) -> Result<Option<Arc<session::Standing>>, DbErr> {
        let memory = self.database.memory();
        // A rotation appends no event: whoever comes with a token of the new generation tells of it.
        if let Some(known) = memory.session(id, generation) {
            return Ok(Some(known));
        }
        let page = memory.page();
        let found = self.sessions.find(id).await?.map(Arc::new);
        if let Some(found) = &found {
            memory.keep_session(page, found);
        }
        Ok(found)
    }

    /// The key with this SHA-256, expired or not, with its user.
    pub async fn of_key(&self, hash: [u8; 32]) -> Result<Option<Arc<api_key::Standing>>, DbErr> {
        let memory = self.database.memory();
        if let Some(known) = memory.key(&hash) {
            return Ok(Some(known));
        }
        let page = memory.page();
        let found = api_key::find_standing(self.database.reader(), &hash).await?.map(Arc::new);
        if let Some(found) = &found {
            memory.keep_key(page, hash, found);
        }
        Ok(found)
    }

    /// How often memory had the answer since the process started.
    pub fn counts(&self) -> Counts {
        self.database.memory().counts()
    }

    /// Has [`Self::follow`] look at once: somebody heard that there is something to hear.
    pub fn wake(&self) {
        self.database.memory().woken.notify_one();
    }
}
