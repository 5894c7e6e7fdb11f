//! Replacing the signing key without anyone noticing.

use chrono::TimeDelta;
use portreeve_database::{DbErr, signing_key};

use super::KeyInfo;
use crate::{
    Fault,
    core::{Core, delta},
};

/// How long a key is published before it signs: longer than anyone may cache the key set.
pub(crate) const PUBLISHED_BEFORE: TimeDelta = TimeDelta::minutes(15);

pub(super) async fn rotate(core: &Core) -> Result<KeyInfo, Fault> {
    let now = core.now();
    let signs_from = now + PUBLISHED_BEFORE;
    let next = core.ring.generate(&core.random, now, signs_from)?;
    // What the last one signs just before `signs_from` is valid for one lifetime more; another minute for clocks that disagree.
    let retires_at = signs_from + delta(core.ring.access_lifetime) + TimeDelta::minutes(1);
    let kid = next.kid.clone();
    let next_kid = kid.clone();
    core.database
        .write(async move |transaction| {
            signing_key::insert(&transaction, next).await?;
            signing_key::retire_before(&transaction, &next_kid, signs_from, retires_at).await?;
            signing_key::delete_retired(&transaction, now).await?;
            Ok::<_, DbErr>(())
        })
        .await?;
    core.ring.reload(core.database.reader(), now).await?;
    tracing::info!(kid, %signs_from, "made the next signing key");
    Ok(KeyInfo { kid, created_at: now, signs_from, retires_at: None, signing: false })
}

pub(super) async fn rotate_if_due(core: &Core) -> Result<(), Fault> {
    let now = core.now();
    core.ring.reload(core.database.reader(), now).await?;
    let newest = core.ring.published().iter().map(|key| key.signs_from).max();
    if newest.is_some_and(|newest| newest + delta(core.settings.key_rotation) - PUBLISHED_BEFORE <= now) {
        rotate(core).await?;
    }
    Ok(())
}
