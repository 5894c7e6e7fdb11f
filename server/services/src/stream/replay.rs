//! Reading again.

use portreeve_backends::stream::{NoPoint, ReplayFrom};
use portreeve_contract::{FieldError, stream::Replay};

use super::Error;
use crate::{Caller, core::Core};

pub(super) async fn replay(core: &Core, caller: &Caller, wish: Replay) -> Result<(), Error> {
    let from: ReplayFrom = wish.from.trim().parse().map_err(|_: NoPoint| {
        let detail = "Enter “beginning”, a position such as 1024, a time such as 2026-11-21T09:30:00Z, or a day.";
        Error::Invalid(vec![FieldError::new("from", "no_point", detail)])
    })?;
    let position = core.stream.replay(&wish.consumer, from).await?;
    tracing::info!(by = %caller.user, consumer = wish.consumer, position, "a consumer reads again");
    Ok(())
}
