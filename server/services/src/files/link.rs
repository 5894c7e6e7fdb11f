//! Links to one file's content, for what cannot send a token: images, videos, downloads.
//!
//! A link holds what it opens and for whom, and a MAC over that; nothing is stored. One made by a person works as long as their session does; one
//! made by opening a shared link works for its five minutes.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use portreeve_contract::{
    FileId, SessionId,
    file::{Disposition, FileLink, NewFileLink},
};
use portreeve_database::{file, session};
use uuid::Uuid;

use super::{Content, Error, content, find};
use crate::{Caller, core::Core, keys::Ring};

const LIFETIME: TimeDelta = TimeDelta::minutes(5);
const TAG: usize = 16;

pub(super) async fn create(core: &Arc<Core>, caller: &Caller, id: FileId, new: NewFileLink) -> Result<FileLink, Error> {
    let file = find(core, caller, id).await?;
    content::of(core, file, new.disposition)?;
    Ok(issue(core, id, caller.session(), new.disposition))
}

/// A link without a session is one that a shared link or a key for machines gave.
pub(super) fn issue(core: &Core, file: FileId, session: Option<SessionId>, disposition: Disposition) -> FileLink {
    let expires_at = core.now() + LIFETIME;
    let token = Token { file, session, expires_at, disposition }.encode(&core.ring);
    FileLink { url: format!("/content/{token}"), expires_at }
}

pub(super) async fn open(core: &Arc<Core>, text: &str) -> Result<Content, Error> {
    let token = Token::decode(&core.ring, text).filter(|token| token.expires_at > core.now()).ok_or(Error::LinkInvalid)?;
    let found = file::find(core.database.reader(), token.file).await?;
    let file = found.filter(|file| !file::is_erasing(file)).ok_or(Error::LinkInvalid)?;
    if let Some(id) = token.session {
        let live = session::find(core.database.reader(), id).await?;
        let live = live
            .is_some_and(|session| session.ended_at.is_none() && session.expires_at > core.now() && Some(session.user_id) == file.owner_id);
        if !live {
            return Err(Error::LinkInvalid);
        }
    }
    content::of(core, file, token.disposition)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    file: FileId,
    session: Option<SessionId>,
    expires_at: DateTime<Utc>,
    disposition: Disposition,
}

impl Token {
    pub(crate) fn encode(&self, ring: &Ring) -> String {
        let session = self.session.map_or(Uuid::nil(), |session| session.0);
        let disposition = u8::from(self.disposition == Disposition::Inline);
        let body =
            [self.file.0.as_bytes().as_slice(), session.as_bytes(), &self.expires_at.timestamp_micros().to_be_bytes(), &[disposition]]
                .concat();
        let token = [body.as_slice(), &tag(ring, &body)].concat();
        BASE64_URL_SAFE_NO_PAD.encode(token)
    }

    /// `None` for anything that Portreeve did not issue.
    pub(crate) fn decode(ring: &Ring, text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, sent) = bytes.split_last_chunk::<TAG>()?;
        aws_lc_rs::constant_time::verify_slices_are_equal(&tag(ring, body), sent).ok()?;
        let (file, rest) = body.split_first_chunk::<16>()?;
        let (session, rest) = rest.split_first_chunk::<16>()?;
        let (expires_at, rest) = rest.split_first_chunk::<8>()?;
        let session = Uuid::from_bytes(*session);
        Some(Self {
            file: FileId(Uuid::from_bytes(*file)),
            session: (!session.is_nil()).then_some(SessionId(session)),
            expires_at: DateTime::from_timestamp_micros(i64::from_be_bytes(*expires_at))?,
            disposition: match rest {
                [0] => Disposition::Attachment,
                [1] => Disposition::Inline,
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
