//! Sessions.

mod lookup;

use chrono::{DateTime, Utc};
use portreeve_contract::{SessionId, UserId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait},
};

pub use self::lookup::{Lookup, Standing};
pub use crate::entity::session::Model as Session;
use crate::{
    Transaction,
    entity::{
        session::{Column, Entity},
        user,
    },
    page::{self, Direction, Key, Page},
};

/// Opens a session.
pub async fn insert(transaction: &Transaction, session: Session) -> Result<Session, DbErr> {
    transaction.later(&Entity::insert(session.clone().into_active_model()).into_query()).await?;
    Ok(session)
}

/// The session, ended or not.
pub async fn find(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<Session>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The session and its user, in one query; for the many that only read, see [`crate::Standings`].
pub async fn find_with_user(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<(Session, user::Model)>, DbErr> {
    let found = Entity::find_by_id(id)
        .select_also(user::Entity)
        .join(sea_orm::JoinType::InnerJoin, Entity::belongs_to(user::Entity).from(Column::UserId).to(user::Column::Id).into())
        // Not `one`: SQLite prepares a statement anew at each run if its LIMIT is a parameter, as SeaORM makes it.
        .all(db)
        .await?;
    Ok(found.into_iter().next().and_then(|(session, user)| user.map(|user| (session, user))))
}

/// Where a person is signed in at `now`, the last seen first.
pub async fn find_live(
    db: &impl ConnectionTrait,
    user: UserId,
    idle_since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<Session>, DbErr> {
    live(user, idle_since, now).order_by_desc(Column::LastSeenAt).all(db).await
}

/// One page of these, the newest first: when somebody was last seen changes while one turns the pages.
pub async fn page_live(
    db: &impl ConnectionTrait,
    user: UserId,
    (idle_since, now): (DateTime<Utc>, DateTime<Utc>),
    from: Option<(Direction, Key)>,
    limit: u64,
) -> Result<Page<Session>, DbErr> {
    page::page(db, live(user, idle_since, now), (Column::CreatedAt, Column::Id), Order::Desc, from, limit).await
}

fn live(user: UserId, idle_since: DateTime<Utc>, now: DateTime<Utc>) -> Select<Entity> {
    Entity::find()
        .filter(Column::UserId.eq(user))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::LastSeenAt.gt(idle_since))
}

/// The next generation of refresh token.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The generation it replaces.
    pub from: i64,
    /// SHA-256 of the secret it replaces.
    pub previous_hash: Vec<u8>,
    /// SHA-256 of the new secret.
    pub refresh_hash: Vec<u8>,
    /// When.
    pub now: DateTime<Utc>,
    /// Where it was asked from.
    pub address: String,
    /// What asked.
    pub user_agent: String,
}

/// Compare and swap: `false` if another request rotated or ended the session first.
pub async fn rotate(db: &impl ConnectionTrait, id: SessionId, to: Rotation) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Generation, Expr::value(to.from + 1))
        .col_expr(Column::RefreshHash, Expr::value(to.refresh_hash))
        .col_expr(Column::PreviousHash, Expr::value(to.previous_hash))
        .col_expr(Column::RotatedAt, Expr::value(to.now))
        .col_expr(Column::SeenGeneration, Expr::value(to.from))
        .col_expr(Column::LastSeenAt, Expr::value(to.now))
        .col_expr(Column::Address, Expr::value(to.address))
        .col_expr(Column::UserAgent, Expr::value(to.user_agent))
        .filter(Column::Id.eq(id))
        .filter(Column::Generation.eq(to.from))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes that something of `generation` came back. Never moves backwards.
pub async fn saw(db: &impl ConnectionTrait, id: SessionId, generation: i64, at: DateTime<Utc>) -> Result<(), DbErr> {
    let later = |column: Column, value: sea_orm::Value| {
        Expr::case(Expr::col(column).lt(Expr::value(value.clone())), Expr::value(value)).finally(Expr::col(column))
    };
    Entity::update_many()
        .col_expr(Column::SeenGeneration, later(Column::SeenGeneration, generation.into()).into())
        .col_expr(Column::LastSeenAt, later(Column::LastSeenAt, at.into()).into())
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

/// Ends one session of a person; `false` if it is not theirs or already over.
pub async fn end(db: &impl ConnectionTrait, user: UserId, id: SessionId, now: DateTime<Utc>) -> Result<bool, DbErr> {
    end_where(db, Condition::all().add(Column::UserId.eq(user)).add(Column::Id.eq(id)), now).await.map(|ended| ended > 0)
}

/// Ends all sessions of a person but `keep`; says how many.
pub async fn end_all(db: &impl ConnectionTrait, user: UserId, keep: Option<SessionId>, now: DateTime<Utc>) -> Result<u64, DbErr> {
    end_where(db, Condition::all().add(Column::UserId.eq(user)).add_option(keep.map(|id| Column::Id.ne(id))), now).await
}

async fn end_where(db: &impl ConnectionTrait, which: Condition, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(Some(now)))
        .filter(which)
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// Forgets sessions that expired before `before`; says how many.
pub async fn delete_expired(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lt(before)).exec(db).await?.rows_affected)
}
