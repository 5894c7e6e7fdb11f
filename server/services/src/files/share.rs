//! Links that open a file without an account.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use portreeve_contract::{
    FieldError, FileId, ShareId,
    file::{Disposition, FileLink, NewShare, Share, SharePage, SharedFile},
    page::PageQuery,
};
use portreeve_database::{file, page::Key, share};

use super::{Error, content, event, find, link, unsigned};
use crate::{
    Caller, Origin,
    core::Core,
    idempotency::Keyed,
    list::{self, SortedBy},
    passwords::Verdict,
    tokens::sha256,
};

/// Links to one file that work; more are a mistake.
const MAX_SHARES: u64 = 100;
/// Links that are listed at once, the newest; those that have ended are among them.
const MAX_LISTED: u64 = 200;
/// Bytes of a link's token.
const TOKEN: usize = 24;
/// Code points of a link's password.
const MAX_PASSWORD: usize = 128;

pub(super) async fn create(
    core: &Arc<Core>,
    caller: &Caller,
    id: FileId,
    new: NewShare,
    idempotency_key: Option<String>,
) -> Result<Share, Error> {
    let file = find(core, caller, id).await?;
    let asked = serde_json::to_vec(&new).map_err(crate::Fault::from)?;
    let keyed = Keyed::new(core, caller, idempotency_key, &[b"share", id.0.as_bytes(), &asked]);
    if let Some(keyed) = &keyed {
        keyed.is_first(core).await?;
    }
    check(core, &new)?;
    let password_hash = match new.password.as_deref().filter(|password| !password.is_empty()) {
        Some(password) => Some(core.passwords.hash(password).await?),
        None => None,
    };
    let share = ShareId(core.random.uuid(core.now()));
    let row = share::Share {
        id: share,
        file_id: id,
        token_hash: sha256(&token(core, share)).to_vec(),
        password_hash,
        max_downloads: new.max_downloads.map(|max| i32::try_from(max).unwrap_or(i32::MAX)),
        downloads: 0,
        expires_at: new.expires_at,
        revoked_at: None,
        created_at: core.now(),
    };
    let shared = core.clone();
    let row = core
        .database
        .write(async move |transaction| {
            if share::count_open(&transaction, id, shared.now()).await? >= MAX_SHARES {
                return Err(Error::TooManyShares);
            }
            if let Some(keyed) = keyed {
                keyed.keep_that_it_was_done(&shared, &transaction).await?;
            }
            shared.append(&transaction, event("file.shared", id, file.owner_id)).await?;
            Ok(share::insert(&transaction, row).await?)
        })
        .await?;
    Ok(view(core, &row))
}

/// Made of the link's id and a sealed key, so that the owner can be told it again, and whoever only reads the database cannot.
fn token(core: &Core, share: ShareId) -> [u8; TOKEN] {
    let mut token = [0; TOKEN];
    token.copy_from_slice(&core.ring.mac("share", &[share.0.as_bytes()])[..TOKEN]);
    token
}

fn check(core: &Core, new: &NewShare) -> Result<(), Error> {
    let mut errors = Vec::new();
    if new.expires_at.is_some_and(|at| at <= core.now()) {
        errors.push(FieldError::new("expires_at", "past", "Choose a time to come."));
    }
    if new.max_downloads == Some(0) {
        errors.push(FieldError::new("max_downloads", "too_few", "Allow one download at least."));
    }
    if new.password.as_deref().is_some_and(|password| password.chars().nth(MAX_PASSWORD).is_some()) {
        errors.push(FieldError::new("password", "too_long", format!("Use {MAX_PASSWORD} characters at most.")));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

pub(super) async fn list(core: &Core, caller: &Caller, id: FileId) -> Result<Vec<Share>, Error> {
    find(core, caller, id).await?;
    Ok(share::find_of(core.database.reader(), id, MAX_LISTED).await?.iter().map(|share| view(core, share)).collect())
}

pub(super) async fn page(core: &Core, caller: &Caller, id: FileId, query: PageQuery) -> Result<SharePage, Error> {
    find(core, caller, id).await?;
    let (from, limit) = (list::decode(query.cursor.as_deref(), SortedBy::Time)?, list::limit(query.limit));
    let page = share::page(core.database.reader(), id, from.clone(), limit).await?;
    let (next, previous) = list::around(&page, &from, |row| Key::Time(row.created_at, row.id.0));
    Ok(SharePage { items: page.items.iter().map(|share| view(core, share)).collect(), total: page.total, next, previous })
}

pub(super) async fn revoke(core: &Arc<Core>, caller: &Caller, id: FileId, share: ShareId) -> Result<(), Error> {
    let file = find(core, caller, id).await?;
    let (shared, now) = (core.clone(), core.now());
    core.database
        .write(async move |transaction| {
            if !share::revoke(&transaction, id, share, now).await? {
                return Err(Error::NotFound);
            }
            shared.append(&transaction, event("file.unshared", id, file.owner_id)).await?;
            Ok(())
        })
        .await
}

pub(super) async fn inspect(core: &Core, token: &str) -> Result<SharedFile, Error> {
    let (share, file) = find_open(core, token).await?;
    Ok(SharedFile {
        name: file.name,
        size: unsigned(file.size),
        media_type: file.media_type,
        has_password: share.password_hash.is_some(),
        expires_at: share.expires_at,
    })
}

pub(super) async fn open(core: &Arc<Core>, origin: &Origin, token: &str, password: Option<&str>) -> Result<FileLink, Error> {
    let (share, file) = find_open(core, token).await?;
    if let Some(hash) = &share.password_hash {
        core.throttle.shared_link(origin, share.id).await.map_err(Error::Throttled)?;
        match core.passwords.verify(password.unwrap_or_default(), Some(hash)).await? {
            Verdict::Right { .. } => {}
            Verdict::Wrong => return Err(Error::WrongPassword),
        }
    }
    let id = file.id;
    content::of(core, file, Disposition::Attachment)?;
    let (now, share) = (core.now(), share.id);
    let counted = core.database.write(async move |transaction| share::count_download(&transaction, share, now).await).await?;
    if !counted {
        return Err(Error::LinkInvalid);
    }
    Ok(link::issue(core, id, link::By::Share(share), Disposition::Attachment))
}

/// A file in the trash is not shared any more, nor one whose owner is gone.
async fn find_open(core: &Core, token: &str) -> Result<(share::Share, file::File), Error> {
    let token = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| Error::LinkInvalid)?;
    let db = core.database.reader();
    let share = share::find_open(db, &sha256(&token), core.now()).await?.ok_or(Error::LinkInvalid)?;
    let file = file::find(db, share.file_id)
        .await?
        .filter(|file| file.trashed_at.is_none() && file.owner_id.is_some())
        .ok_or(Error::LinkInvalid)?;
    Ok((share, file))
}

fn view(core: &Core, share: &share::Share) -> Share {
    let token = token(core, share.id);
    Share {
        id: share.id,
        url: (sha256(&token) == *share.token_hash).then(|| {
            let mut url = core.settings.public_url.clone();
            url.set_path(&format!("/shared/{}", BASE64_URL_SAFE_NO_PAD.encode(token)));
            url.into()
        }),
        has_password: share.password_hash.is_some(),
        max_downloads: share.max_downloads.and_then(|max| u32::try_from(max).ok()),
        downloads: u32::try_from(share.downloads).unwrap_or_default(),
        expires_at: share.expires_at,
        revoked_at: share.revoked_at,
        created_at: share.created_at,
    }
}
