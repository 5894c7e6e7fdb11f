//! What was written into staging and never noted: a server was killed between the two.

use std::{collections::HashSet, sync::Arc};

use chrono::TimeDelta;
use portreeve_database::{file, idempotency_key, segment};

use crate::{Fault, core::Core};

/// Of a file that is in one transaction with its bytes there is no row before: what is older than this and not noted never will be, however far
/// apart the clocks of two nodes are.
const UNNOTED: TimeDelta = TimeDelta::hours(1);
/// Between two looks: there is little to find, and a bucket is slow to list.
const EVERY: TimeDelta = TimeDelta::minutes(10);
/// Longer than any upload to the object store takes.
const UNFINISHED_PUT: TimeDelta = TimeDelta::days(1);
/// Life of an idempotency key.
const KEYS: TimeDelta = TimeDelta::hours(24);
/// Looked up at a time.
const BATCH: usize = 500;

pub(super) async fn sweep(core: &Arc<Core>) -> Result<(), Fault> {
    let now = core.now();
    {
        let mut last = core.swept_at.lock();
        if last.is_some_and(|last| now - last < EVERY) {
            return Ok(());
        }
        *last = Some(now);
    }
    core.database.write(async move |transaction| idempotency_key::delete_old(&transaction, now - KEYS).await).await?;
    let swept = async {
        let mut removed = 0;
        let mut staged = core.places.staging.list().await?;
        staged.retain(|staged| staged.began < now - UNNOTED);
        for batch in staged.chunks(BATCH) {
            let files: Vec<_> = batch.iter().map(|staged| staged.file).collect();
            // In this order: a file that is accepted in between has noted all that it needs. And as long as one is received nobody can say what will
            // be noted: a part with a checksum is noted as a whole, however long it takes, and a bucket's chunks are as old as their writer.
            let receiving: HashSet<_> = file::find_receiving(core.database.reader(), &files).await?.into_iter().collect();
            let needed: HashSet<_> = segment::find_needed(core.database.reader(), &files).await?.into_iter().collect();
            for staged in batch.iter().filter(|staged| !receiving.contains(&staged.file) && !needed.contains(&staged.name)) {
                core.places.staging.remove_named(&staged.name).await?;
                removed += 1;
            }
        }
        core.places.objects.sweep(now - UNFINISHED_PUT).await?;
        Ok::<usize, super::Error>(removed)
    };
    match swept.await {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "removed what killed uploads had left in staging"),
        Err(error) => tracing::warn!(%error, "staging could not be swept; tried again later"),
    }
    Ok(())
}
