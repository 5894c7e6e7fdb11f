//! The moment from which a file cannot be lost.

use portreeve_contract::FileId;
use portreeve_database::{Transaction, file, upload};

use super::{Error, checksum::Checksum, event, sniff};
use crate::core::Core;

/// What is known once all bytes are here.
#[derive(Clone, Debug)]
pub(super) struct Arrived {
    pub(super) sha256: Vec<u8>,
    pub(super) media_type: &'static str,
    pub(super) extension: &'static str,
}

impl Arrived {
    pub(super) fn new(sha256: Vec<u8>, head: &[u8]) -> Self {
        let (media_type, extension) = sniff::sniff(head);
        Self { sha256, media_type, extension }
    }
}

/// Of a file of no bytes.
pub(super) fn nothing() -> Arrived {
    Arrived::new(Checksum::default().finish(), &[])
}

/// In the transaction that makes the last bytes count: the file is accepted, and the event that says so is written.
pub(super) async fn accept(core: &Core, transaction: &Transaction, id: FileId, arrived: Arrived) -> Result<file::File, Error> {
    let accepted = file::Accepted {
        sha256: arrived.sha256,
        media_type: arrived.media_type.to_owned(),
        extension: arrived.extension.to_owned(),
        at: core.now(),
    };
    if !file::accept(transaction, id, accepted).await? {
        return Err(Error::NotFound);
    }
    upload::delete(transaction, id).await?;
    let file = file::find(transaction, id).await?.ok_or(Error::NotFound)?;
    core.append(transaction, event("file.accepted", id, file.owner_id)).await?;
    Ok(file)
}
