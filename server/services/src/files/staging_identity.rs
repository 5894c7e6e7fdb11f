//! One database, one staging: a node that looked elsewhere would find nothing of what the others took in.

use portreeve_backends::staging;
use portreeve_database::{DbErr, identity, segment};

use crate::core::Core;

/// The name under which the database knows it.
pub const STAGING: &str = "staging";

/// Why a node must not take part.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// It is another one than the database knows.
    #[error(
        "the staging in {place} is not the one that this database's uploads are in{}. Every server and worker needs the same: mount that folder here \
         (`objects.staging`), or use `[objects] kind = \"s3\"`, whose bucket all nodes see. If uploads are to be taken in here from now on, stop every \
         server and worker and run `portreeve adopt-staging`",
        they_wait(*.waiting)
    )]
    Foreign {
        /// Where it is.
        place: String,
        /// Files whose bytes are in the other one.
        waiting: u64,
    },
    /// It cannot be read.
    #[error("files: {0}")]
    Place(#[from] staging::Error),
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] DbErr),
}

fn they_wait(files: u64) -> String {
    match files {
        0 => String::new(),
        1 => ", and 1 file waits there".to_owned(),
        files => format!(", and {files} files wait there"),
    }
}

/// Makes the staging known to the database, which takes the first that comes. One that is another is taken as well if nobody else can be using
/// the first one, since this process is the only one, and nothing is in it.
pub(super) async fn check(core: &Core, is_alone: bool) -> Result<(), StagingError> {
    let staging = &core.places.staging;
    let id = staging.identity(core.random.uuid(core.now())).await?;
    let known = match identity::find(core.database.reader(), STAGING).await? {
        Some(known) => known,
        None => core.database.write(async move |transaction| identity::claim(&transaction, STAGING, id).await).await?,
    };
    if known == id {
        return Ok(());
    }
    let waiting = segment::count_files(core.database.reader()).await?;
    if is_alone && waiting == 0 {
        return adopt(core).await.map(drop);
    }
    Err(StagingError::Foreign { place: staging.place(), waiting })
}

/// How many files wait in the staging that the database knows; `None` if it is this one, or none.
pub(super) async fn abandoned(core: &Core) -> Result<Option<u64>, StagingError> {
    let known = identity::find(core.database.reader(), STAGING).await?;
    if known.is_none() || known == core.places.staging.known_identity().await? {
        return Ok(None);
    }
    Ok(Some(segment::count_files(core.database.reader()).await?))
}

pub(super) async fn adopt(core: &Core) -> Result<String, StagingError> {
    let staging = &core.places.staging;
    let id = staging.identity(core.random.uuid(core.now())).await?;
    core.database.write(async move |transaction| identity::replace(&transaction, STAGING, id).await).await?;
    tracing::info!(place = staging.place(), "uploads are taken in here from now on");
    Ok(staging.place())
}
