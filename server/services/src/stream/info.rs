//! How the stream's consumers fare.

use portreeve_contract::stream::{ConsumerInfo, Engine, StreamInfo};

use super::Error;
use crate::core::Core;

pub(super) async fn info(core: &Core) -> Result<StreamInfo, Error> {
    let stream = &core.stream;
    stream.give_positions().await?;
    let consumers = stream.consumers().await?.into_iter().map(|it| ConsumerInfo {
        name: it.name,
        position: it.position,
        lag: it.lag,
        pending: it.pending,
        failing: it.failing,
        dead: it.dead,
        handled: it.handled,
        handled_per_minute: it.handled_lately,
    });
    Ok(StreamInfo {
        engine: if stream.engine() == "nats" { Engine::Nats } else { Engine::Database },
        first: stream.first().await?.map(|first| (first.position, first.event.time)),
        last: stream.last_position().await?,
        consumers: consumers.collect(),
    })
}
