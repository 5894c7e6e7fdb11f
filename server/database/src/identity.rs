//! Which places outside belong to this database: each keeps a random id, and so does a row here.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, prelude::Uuid, sea_query::OnConflict};

use crate::entity::identity::{Column, Entity, Model};

/// The id of the place that belongs here, if one does.
pub async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<Uuid>, DbErr> {
    Ok(Entity::find_by_id(name.to_owned()).one(db).await?.map(|row| row.id))
}

/// Keeps the id of a place unless there is one; gives the one that counts, which is the first of those that came at once.
pub async fn claim(db: &impl ConnectionTrait, name: &str, id: Uuid) -> Result<Uuid, DbErr> {
    let row = Model { name: name.to_owned(), id }.into_active_model();
    Entity::insert(row).on_conflict(OnConflict::column(Column::Name).do_nothing().to_owned()).exec_without_returning(db).await?;
    Ok(find(db, name).await?.unwrap_or(id))
}

/// Keeps the id of a place instead of the one before.
pub async fn replace(db: &impl ConnectionTrait, name: &str, id: Uuid) -> Result<(), DbErr> {
    let row = Model { name: name.to_owned(), id }.into_active_model();
    let over = OnConflict::column(Column::Name).update_column(Column::Id).to_owned();
    Entity::insert(row).on_conflict(over).exec_without_returning(db).await.map(drop)
}
