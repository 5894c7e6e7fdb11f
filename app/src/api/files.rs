//! One's own files. Their bytes travel by `/v1/uploads` and by links, not by these.

use leptos::prelude::*;
use portreeve_contract::{
    FileId, ShareId,
    file::{self, File, FileChange, FileLink, FilePage, FileQuery, NewFileLink, NewShare, SharedFile},
};

use crate::{error::ApiError, secret::Secret, session::Bearer, wire::Wire};

/// One page of files.
#[server(prefix = "/api", endpoint = "files/list", protocol = Wire, client = Bearer)]
pub async fn list(query: FileQuery) -> Result<FilePage, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.files.list(&caller, query).await)
}

/// One file.
#[server(prefix = "/api", endpoint = "files/find", protocol = Wire, client = Bearer)]
pub async fn find(id: FileId) -> Result<File, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.files.find(&caller, id).await)
}

/// How much of one's share is used.
#[server(prefix = "/api", endpoint = "files/usage", protocol = Wire, client = Bearer)]
pub async fn usage() -> Result<file::Usage, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.files.usage(&caller).await)
}

/// Renames a file, throws it away or takes it back; with a `version`, if it is still at that.
#[server(prefix = "/api", endpoint = "files/update", protocol = Wire, client = Bearer)]
pub async fn update(id: FileId, version: Option<u64>, change: FileChange) -> Result<File, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.files.update(&caller, id, version, change).await)
}

/// Throws a file away; one in the trash, and an unfinished upload, for good.
#[server(prefix = "/api", endpoint = "files/delete", protocol = Wire, client = Bearer)]
pub async fn delete(id: FileId) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.files.delete(&caller, id, None).await)
}

/// A link to a file's content, for five minutes.
#[server(prefix = "/api", endpoint = "files/link", protocol = Wire, client = Bearer)]
pub async fn link(id: FileId, link: NewFileLink) -> Result<FileLink, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.files.link(&caller, id, link, None).await)
}

/// Makes a link that opens a file without an account.
#[server(prefix = "/api", endpoint = "files/share", protocol = Wire, client = Bearer)]
pub async fn share(id: FileId, share: Secret<NewShare>) -> Result<file::Share, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.files.share(&caller, id, share.0, None).await)
}

/// The links that open a file without an account.
#[server(prefix = "/api", endpoint = "files/shares", protocol = Wire, client = Bearer)]
pub async fn shares(id: FileId) -> Result<Vec<file::Share>, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.files.shares(&caller, id).await)
}

/// Ends such a link.
#[server(prefix = "/api", endpoint = "files/revoke_share", protocol = Wire, client = Bearer)]
pub async fn revoke_share(id: FileId, share: ShareId) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.files.revoke_share(&caller, id, share).await)
}

/// What a link that opens a file without an account is about. Consumes nothing.
#[server(prefix = "/api", endpoint = "files/inspect_share", protocol = Wire)]
pub async fn inspect_share(token: Secret<String>) -> Result<SharedFile, ApiError> {
    let (services, _) = crate::ssr::context()?;
    crate::ssr::answer(services.files.inspect_share(&token.0).await)
}

/// Opens such a link, with its password if it has one: counts a download and gives a link to the content, for five minutes.
#[server(prefix = "/api", endpoint = "files/open_share", protocol = Wire)]
pub async fn open_share(token: Secret<String>, password: Secret<String>) -> Result<FileLink, ApiError> {
    let (services, origin) = crate::ssr::context()?;
    crate::ssr::answer(services.files.open_share(&origin, &token.0, Some(&password.0)).await)
}
