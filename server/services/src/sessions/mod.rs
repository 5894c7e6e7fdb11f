//! Where a person is signed in.

mod device;
mod presence;

use std::sync::Arc;

use portreeve_contract::{
    ErrorKind, Problem, SessionId,
    page::PageQuery,
    session::{Session, SessionPage},
};
use portreeve_database::{DbErr, page::Key, session};

pub use self::device::describe;
pub(crate) use self::presence::Presence;
use crate::{
    Caller, Fault,
    core::Core,
    events::Event,
    list::{self, MalformedCursor, SortedBy},
};

/// One's own sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    core: Arc<Core>,
}

/// Why a session was not found or ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not there, over, or somebody else's.
    #[error("no such session")]
    NotFound,
    /// A cursor that is not one of ours.
    #[error(transparent)]
    Cursor(#[from] MalformedCursor),
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::new(ErrorKind::NotFound, "session_not_found", "That device is no longer signed in."),
            Error::Cursor(malformed) => malformed.into(),
            Error::Fault(fault) => fault.problem(),
        }
    }
}

impl Sessions {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The caller's live sessions, the last seen first.
    #[tracing::instrument(target = "otel", level = "trace", name = "sessions.list", skip_all)]
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Session>, Error> {
        Ok(live(&self.core, caller.user, caller.session()).await?)
    }

    /// One page of these, the newest first.
    ///
    /// # Errors
    /// [`Error::Cursor`].
    #[tracing::instrument(target = "otel", level = "trace", name = "sessions.page", skip_all)]
    pub async fn page(&self, caller: &Caller, query: PageQuery) -> Result<SessionPage, Error> {
        let core = &self.core;
        let (from, limit) = (list::decode(query.cursor.as_deref(), SortedBy::Time)?, list::limit(query.limit));
        let page = session::page_live(core.database.reader(), caller.user, (core.idle_since(), core.now()), from.clone(), limit).await?;
        let (next, previous) = list::around(&page, &from, |row| Key::Time(row.created_at, row.id.0));
        let items = page.items.into_iter().map(|row| view(core, row, caller.session())).collect();
        Ok(SessionPage { items, total: page.total, next, previous })
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for somebody else's.
    #[tracing::instrument(target = "otel", level = "trace", name = "sessions.revoke", skip_all)]
    pub async fn revoke(&self, caller: &Caller, id: SessionId) -> Result<(), Error> {
        let (core, user) = (self.core.clone(), caller.user);
        self.core
            .database
            .write(async move |transaction| {
                if !session::end(&transaction, user, id, core.now()).await? {
                    return Err(Error::NotFound);
                }
                core.append(&transaction, Event::session("session.revoked", id, user)).await?;
                Ok(())
            })
            .await
    }

    /// Ends all of the caller's sessions but this one.
    #[tracing::instrument(target = "otel", level = "trace", name = "sessions.revoke_others", skip_all)]
    pub async fn revoke_others(&self, caller: &Caller) -> Result<(), Error> {
        self.end_all(caller, caller.session()).await
    }

    /// Signs the caller out everywhere.
    #[tracing::instrument(target = "otel", level = "trace", name = "sessions.revoke_all", skip_all)]
    pub async fn revoke_all(&self, caller: &Caller) -> Result<(), Error> {
        self.end_all(caller, None).await
    }

    async fn end_all(&self, caller: &Caller, keep: Option<SessionId>) -> Result<(), Error> {
        let (core, user) = (self.core.clone(), caller.user);
        self.core
            .database
            .write(async move |transaction| {
                let ended = session::end_all(&transaction, user, keep, core.now()).await?;
                core.append(&transaction, Event::user("user.sessions_ended", user, serde_json::json!({ "count": ended }))).await?;
                Ok(())
            })
            .await
    }

    /// Writes down who was seen since the last time.
    pub async fn flush_seen(&self) -> Result<(), Fault> {
        let seen = self.core.presence.take_unwritten(self.core.now());
        if !seen.is_empty() {
            self.core
                .database
                .write(async move |transaction| {
                    for (id, seen) in seen {
                        session::saw(&transaction, id, seen.generation, seen.at).await?;
                    }
                    Ok::<_, DbErr>(())
                })
                .await?;
        }
        Ok(())
    }

    pub(crate) async fn forget_expired(&self) -> Result<(), Fault> {
        let now = self.core.now();
        self.core
            .database
            .write(async move |transaction| {
                session::delete_expired(&transaction, now).await?;
                portreeve_database::link::delete_expired(&transaction, now).await
            })
            .await?;
        Ok(())
    }
}

/// A person's live sessions as they or an administrator see them.
pub(crate) async fn live(core: &Core, user: portreeve_contract::UserId, current: Option<SessionId>) -> Result<Vec<Session>, DbErr> {
    let rows = session::find_live(core.database.reader(), user, core.idle_since(), core.now()).await?;
    Ok(rows.into_iter().map(|row| view(core, row, current)).collect())
}

fn view(core: &Core, row: session::Session, current: Option<SessionId>) -> Session {
    Session {
        last_seen: core.presence.last_seen(row.id).map_or(row.last_seen_at, |seen| seen.max(row.last_seen_at)),
        id: row.id,
        device: describe(&row.user_agent),
        address: row.address,
        first_seen: row.created_at,
        current: current == Some(row.id),
    }
}
