//! Events.

use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

pub use crate::entity::event::Model as Event;
use crate::entity::event::{Column, Entity};

/// Appends an event; its `sequence` is the engine's to give.
pub async fn append(db: &impl ConnectionTrait, event: Event) -> Result<(), DbErr> {
    let mut row = event.into_active_model();
    row.sequence = NotSet;
    row.insert(db).await.map(drop)
}

/// The events that tell of one thing, oldest first.
pub async fn find_of_subject(db: &impl ConnectionTrait, subject: &str) -> Result<Vec<Event>, DbErr> {
    Entity::find().filter(Column::Subject.eq(subject)).order_by_asc(Column::Sequence).all(db).await
}
