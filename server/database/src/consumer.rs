//! Who reads the stream, and how far.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, OnConflict},
};

pub use crate::entity::consumer::Model as Consumer;
use crate::entity::consumer::{Column, Entity};

/// Makes a consumer known that begins after `position`; changes nothing if it is known already.
pub async fn register(db: &impl ConnectionTrait, name: &str, position: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    let row = Consumer {
        name: name.to_owned(),
        position,
        handled: 0,
        minute: minute(now),
        handled_in_minute: 0,
        handled_in_last: 0,
        created_at: now,
        updated_at: now,
    };
    Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::Name).do_nothing().to_owned())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The consumer.
pub async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<Consumer>, DbErr> {
    Entity::find_by_id(name.to_owned()).one(db).await
}

/// The consumer, for this transaction alone until it ends: what is handed out is handed out by one process at a time.
pub async fn lock(db: &impl ConnectionTrait, name: &str) -> Result<Option<Consumer>, DbErr> {
    Entity::find_by_id(name.to_owned()).lock(LockType::Update).one(db).await
}

/// Every consumer, by name.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Consumer>, DbErr> {
    Entity::find().order_by_asc(Column::Name).all(db).await
}

/// Moves a consumer on, or back for a replay.
pub async fn move_to(db: &impl ConnectionTrait, name: &str, position: i64, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Position, Expr::value(position))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Name.eq(name))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Counts events that are done with. The caller holds the consumer's lock, and has its row.
pub async fn add_handled(db: &impl ConnectionTrait, consumer: &Consumer, count: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    let (in_minute, in_last) = consumer.minutes(now);
    Entity::update_many()
        .col_expr(Column::Handled, Expr::col(Column::Handled).add(count))
        .col_expr(Column::Minute, Expr::value(minute(now)))
        .col_expr(Column::HandledInMinute, Expr::value(in_minute + count))
        .col_expr(Column::HandledInLast, Expr::value(in_last))
        .filter(Column::Name.eq(&consumer.name))
        .exec(db)
        .await
        .map(drop)
}

impl Consumer {
    /// How many events it finished in the last 60 seconds, taking those of the minute before this one as spread evenly over it.
    pub fn handled_lately(&self, now: DateTime<Utc>) -> i64 {
        let (in_minute, in_last) = self.minutes(now);
        let left = 60 - (now - minute(now)).num_seconds().clamp(0, 60);
        in_minute + (in_last * left + 30) / 60
    }

    /// How many it finished in the minute of `now`, and in the one before it.
    fn minutes(&self, now: DateTime<Utc>) -> (i64, i64) {
        match (minute(now) - self.minute).num_minutes() {
            // Another process's clock may be a little ahead.
            ..=0 => (self.handled_in_minute, self.handled_in_last),
            1 => (0, self.handled_in_minute),
            2.. => (0, 0),
        }
    }
}

/// When the minute of a time began.
fn minute(time: DateTime<Utc>) -> DateTime<Utc> {
    time - TimeDelta::nanoseconds(time.timestamp_nanos_opt().unwrap_or_default().rem_euclid(60_000_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_020 + seconds, 0).unwrap()
    }

    #[test]
    fn the_last_sixty_seconds_slide_over_the_minutes() {
        let consumer = Consumer {
            name: "store-files".into(),
            position: 0,
            handled: 90,
            minute: at(0),
            handled_in_minute: 60,
            handled_in_last: 30,
            created_at: at(0),
            updated_at: at(0),
        };
        // Half of the minute before is within the last 60 seconds, and then less and less of this one.
        for (seconds, handled) in [(0, 90), (30, 75), (60, 60), (90, 30), (119, 1), (120, 0), (10_000, 0)] {
            assert_eq!(consumer.handled_lately(at(seconds)), handled, "after {seconds} s");
        }
    }
}
