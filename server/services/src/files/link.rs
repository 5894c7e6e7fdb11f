//! Links to one file's content, for what cannot send a token: images, videos, downloads.
//!
//! A link holds what it opens and for whom, and a MAC over that; nothing is stored. It works for its five minutes, and no longer than what gave it: a
//! person's session, a key for machines, or a shared link.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use portreeve_contract::{
    ApiKeyId, FileId, SessionId, ShareId,
    file::{Disposition, FileLink, NewFileLink},
};
use portreeve_database::{file, session, share};
use uuid::Uuid;

use super::{Content, Error, content, find};
use crate::{Caller, Credential, Fault, caller::key_is_live, core::Core, idempotency::Keyed, keys::Ring};

const LIFETIME: TimeDelta = TimeDelta::minutes(5);
const TAG: usize = 16;

pub(super) async fn create(
    core: &Arc<Core>,
    caller: &Caller,
    id: FileId,
    new: NewFileLink,
    idempotency_key: Option<String>,
) -> Result<FileLink, Error> {
    let file = find(core, caller, id).await?;
    let asked = serde_json::to_vec(&new).map_err(Fault::from)?;
    let keyed = Keyed::new(core, caller, idempotency_key, &[b"link", id.0.as_bytes(), &asked]);
    if let Some(keyed) = &keyed {
        keyed.is_first(core).await?;
    }
    content::of(core, file, new.disposition)?;
    if let Some(keyed) = keyed {
        let shared = core.clone();
        core.database.write(async move |transaction| keyed.keep_that_it_was_done(&shared, &transaction).await).await?;
    }
    let by = match &caller.credential {
        Credential::Session(session) => By::Session(*session),
        Credential::ApiKey { id, .. } => By::ApiKey(*id),
    };
    Ok(issue(core, id, by, new.disposition))
}

pub(super) fn issue(core: &Core, file: FileId, by: By, disposition: Disposition) -> FileLink {
    let expires_at = core.now() + LIFETIME;
    let token = Token { file, by, expires_at, disposition }.encode(&core.ring);
    FileLink { url: format!("/content/{token}"), expires_at }
}

pub(super) async fn open(core: &Arc<Core>, text: &str) -> Result<Content, Error> {
    let token = Token::decode(&core.ring, text).filter(|token| token.expires_at > core.now()).ok_or(Error::LinkInvalid)?;
    let (db, now) = (core.database.reader(), core.now());
    let found = file::find(db, token.file).await?;
    let file = found.filter(|file| !file::is_erasing(file)).ok_or(Error::LinkInvalid)?;
    let goes_on = match token.by {
        By::Session(id) => session::find(db, id)
            .await?
            .is_some_and(|session| session.ended_at.is_none() && session.expires_at > now && Some(session.user_id) == file.owner_id),
        By::ApiKey(id) => key_is_live(db, id, now).await?,
        // It was counted when it was opened, and may have been the last time.
        By::Share(id) => {
            file.trashed_at.is_none()
                && file.owner_id.is_some()
                && share::find(db, id).await?.is_some_and(|share| !share::is_over(&share, now))
        }
    };
    if goes_on { content::of(core, file, token.disposition) } else { Err(Error::LinkInvalid) }
}

/// What gave a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Session(SessionId),
    ApiKey(ApiKeyId),
    Share(ShareId),
}

impl By {
    fn encode(self) -> (u8, Uuid) {
        match self {
            Self::Session(id) => (0, id.0),
            Self::ApiKey(id) => (1, id.0),
            Self::Share(id) => (2, id.0),
        }
    }

    fn decode(kind: u8, id: Uuid) -> Option<Self> {
        match kind {
            0 => Some(Self::Session(SessionId(id))),
            1 => Some(Self::ApiKey(ApiKeyId(id))),
            2 => Some(Self::Share(ShareId(id))),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    file: FileId,
    by: By,
    expires_at: DateTime<Utc>,
    disposition: Disposition,
}

impl Token {
    pub(crate) fn encode(&self, ring: &Ring) -> String {
        let (kind, id) = self.by.encode();
        let disposition = u8::from(self.disposition == Disposition::Inline);
        let expires_at = self.expires_at.timestamp_micros().to_be_bytes();
        let body = [self.file.0.as_bytes().as_slice(), id.as_bytes(), &expires_at, &[kind, disposition]].concat();
        let token = [body.as_slice(), &tag(ring, &body)].concat();
        BASE64_URL_SAFE_NO_PAD.encode(token)
    }

    /// `None` for anything that Portreeve did not issue.
    pub(crate) fn decode(ring: &Ring, text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, sent) = bytes.split_last_chunk::<TAG>()?;
        aws_lc_rs::constant_time::verify_slices_are_equal(&tag(ring, body), sent).ok()?;
        let (file, rest) = body.split_first_chunk::<16>()?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (expires_at, rest) = rest.split_first_chunk::<8>()?;
        let [kind, disposition] = *rest else { return None };
        Some(Self {
            file: FileId(Uuid::from_bytes(*file)),
            by: By::decode(kind, Uuid::from_bytes(*id))?,
            expires_at: DateTime::from_timestamp_micros(i64::from_be_bytes(*expires_at))?,
            disposition: match disposition {
                0 => Disposition::Attachment,
                1 => Disposition::Inline,
                _ => return None,
            },
        })
    }
}

fn tag(ring: &Ring, body: &[u8]) -> [u8; TAG] {
    let mut tag = [0; TAG];
    tag.copy_from_slice(&ring.mac("file-link", &[body])[..TAG]);
    tag
}
