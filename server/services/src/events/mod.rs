//! What is told of changes: CloudEvents 1.0, written in the transaction of the change.

mod tail;

use chrono::{DateTime, Utc};
use portreeve_contract::{EventId, FileId, SessionId, UserId};
use portreeve_database::{event, trace};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use self::tail::Tail;

/// An event about to be appended.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    r#type: &'static str,
    subject: String,
    data: Value,
}

impl Event {
    pub(crate) fn user(r#type: &'static str, user: UserId, data: Value) -> Self {
        Self { r#type, subject: user.to_string(), data }
    }

    pub(crate) fn session(r#type: &'static str, session: SessionId, user: UserId) -> Self {
        Self { r#type, subject: session.to_string(), data: json!({ "user": user }) }
    }

    /// Names the owner, so that it can be shown to them and to nobody else.
    pub(crate) fn file(r#type: &'static str, file: FileId, owner: Option<UserId>) -> Self {
        Self { r#type, subject: file.to_string(), data: json!({ "owner": owner }) }
    }

    /// Something an administrator did to an account; the operator, at the command line, is nobody's account.
    pub(crate) fn by_admin(r#type: &'static str, user: UserId, admin: Option<UserId>, data: &Value) -> Self {
        Self::user(r#type, user, json!({ "by": admin, "change": data }))
    }

    pub(crate) fn row(self, id: Uuid, time: DateTime<Utc>) -> event::Event {
        event::Event {
            sequence: 0,
            id: EventId(id),
            r#type: self.r#type.to_owned(),
            subject: self.subject,
            data: self.data,
            time,
            traceparent: trace::traceparent(),
        }
    }
}
