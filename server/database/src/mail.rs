//! The queue of mails.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait},
};

pub use crate::entity::mail::Model as Mail;
use crate::entity::mail::{Column, Entity};

/// Queues a mail.
pub async fn insert(db: &impl ConnectionTrait, mail: Mail) -> Result<Mail, DbErr> {
    mail.into_active_model().insert(db).await
}

/// Takes up to `limit` mails that are due, for oneself until `until`. A conditional update claims each, so no two senders get the same.
pub async fn claim(db: &impl ConnectionTrait, now: DateTime<Utc>, until: DateTime<Utc>, limit: u64) -> Result<Vec<Mail>, DbErr> {
    let due = Entity::find().filter(Column::DueAt.lte(now)).order_by_asc(Column::DueAt).limit(limit).all(db).await?;
    let mut claimed = Vec::with_capacity(due.len());
    for mail in due {
        let mine = Entity::update_many()
            .col_expr(Column::DueAt, Expr::value(until))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .filter(Column::Id.eq(mail.id))
            .filter(Column::DueAt.eq(mail.due_at))
            .exec(db)
            .await?;
        if mine.rows_affected == 1 {
            claimed.push(Mail { attempts: mail.attempts + 1, due_at: until, ..mail });
        }
    }
    Ok(claimed)
}

/// Puts a mail back for later.
pub async fn postpone(db: &impl ConnectionTrait, id: Uuid, due_at: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::update_many().col_expr(Column::DueAt, Expr::value(due_at)).filter(Column::Id.eq(id)).exec(db).await.map(drop)
}

/// Hands mails back that were claimed and not tried.
pub async fn hand_back(db: &impl ConnectionTrait, ids: &[Uuid], due_at: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(due_at))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).sub(1))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets a mail: sent, or given up.
pub async fn delete(db: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await.map(drop)
}

/// How many wait.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().count(db).await
}
