//! What was counted, minute by minute.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};

pub use crate::entity::measure::Model as Measure;
use crate::entity::measure::{Column, Entity};

/// Writes what one process counted in one minute. Written twice it counts once: whoever did not hear that it was written writes it again.
pub async fn write(db: &impl ConnectionTrait, measure: Measure) -> Result<(), DbErr> {
    Entity::insert(measure.into_active_model())
        .on_conflict(OnConflict::columns([Column::Minute, Column::Node]).update_column(Column::Numbers).to_owned())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// What all processes counted from `from` on, the oldest minute first.
pub async fn find_from(db: &impl ConnectionTrait, from: DateTime<Utc>) -> Result<Vec<Measure>, DbErr> {
    Entity::find().filter(Column::Minute.gte(from)).order_by_asc(Column::Minute).all(db).await
}

/// The first minute that is kept.
pub async fn first_minute(db: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>, DbErr> {
    Entity::find().select_only().column(Column::Minute).order_by_asc(Column::Minute).into_tuple().one(db).await
}

/// Forgets minutes before `before`.
pub async fn delete_old(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::Minute.lt(before)).exec(db).await?.rows_affected)
}
