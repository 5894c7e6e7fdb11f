//! An administrator's view of the stream.

use leptos::prelude::*;
use portreeve_contract::{
    DeadLetterId,
    stream::{DeadLetterDetail, DeadLetterPage, DeadLetterQuery, Redriven, Replay, StreamInfo},
};

use crate::{error::ApiError, session::Bearer, wire::Wire};

/// What the stream holds, and how its consumers fare.
#[server(prefix = "/api", endpoint = "admin/stream", protocol = Wire, client = Bearer)]
pub async fn info() -> Result<StreamInfo, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.streams.info(&caller).await)
}

/// A page of the events that consumers gave up on.
#[server(prefix = "/api", endpoint = "admin/dead_letters", protocol = Wire, client = Bearer)]
pub async fn dead_letters(query: DeadLetterQuery) -> Result<DeadLetterPage, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.streams.dead_letters(&caller, query).await)
}

/// One of them.
#[server(prefix = "/api", endpoint = "admin/dead_letter", protocol = Wire, client = Bearer)]
pub async fn dead_letter(id: DeadLetterId) -> Result<DeadLetterDetail, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.streams.dead_letter(&caller, id).await)
}

/// Sends one to its consumer again.
#[server(prefix = "/api", endpoint = "admin/redrive", protocol = Wire, client = Bearer)]
pub async fn redrive(id: DeadLetterId) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.streams.redrive(&caller, id, None).await.map(|_| ()))
}

/// Sends all, or all of one consumer, to their consumers again.
#[server(prefix = "/api", endpoint = "admin/redrive_all", protocol = Wire, client = Bearer)]
pub async fn redrive_all(consumer: Option<String>) -> Result<Redriven, ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.streams.redrive_all(&caller, consumer).await)
}

/// Throws one away.
#[server(prefix = "/api", endpoint = "admin/drop_dead_letter", protocol = Wire, client = Bearer)]
pub async fn drop_dead_letter(id: DeadLetterId) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.streams.drop_dead_letter(&caller, id).await)
}

/// Lets a consumer read again from a point.
#[server(prefix = "/api", endpoint = "admin/replay", protocol = Wire, client = Bearer)]
pub async fn read_again(wish: Replay) -> Result<(), ApiError> {
    let (services, caller) = crate::ssr::caller().await?;
    crate::ssr::answer(services.streams.replay(&caller, wish, None).await.map(|_| ()))
}
