//! Accounts.

mod page;

use chrono::{DateTime, Utc};
use portreeve_contract::UserId;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect, sea_query::Expr,
};

pub use self::page::{Sort, page};
use crate::entity::user::{Column, Entity};
pub use crate::entity::user::{Kind, Model as User, Role};

/// What is read of an account for a request of its owner. Not the whole row: every column costs, and a password's hash has no business in memory.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Person {
    /// As its owner wrote it.
    pub name: String,
    /// As its owner wrote it.
    pub email: String,
    /// When the address was known to be theirs.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// A new address that waits for its link to be used.
    pub pending_email: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// When an administrator shut the account.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When the account is to be erased, its owner having asked.
    pub erase_at: Option<DateTime<Utc>>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// Counts changes.
    pub version: i64,
}

impl Person {
    pub(crate) const COLUMNS: [Column; 9] = [
        Column::Name,
        Column::Email,
        Column::EmailVerifiedAt,
        Column::PendingEmail,
        Column::Role,
        Column::DisabledAt,
        Column::EraseAt,
        Column::CreatedAt,
        Column::Version,
    ];
}

/// Makes an account; a unique violation if the address has one.
pub async fn insert(db: &impl ConnectionTrait, user: User) -> Result<User, DbErr> {
    user.into_active_model().insert(db).await
}

/// Writes every column of an account back, as its next version; a unique violation if the new address has one.
pub async fn update(db: &impl ConnectionTrait, user: User) -> Result<User, DbErr> {
    User { version: user.version + 1, ..user }.into_active_model().reset_all().update(db).await
}

/// The account.
pub async fn find(db: &impl ConnectionTrait, id: UserId) -> Result<Option<User>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The account, held against changes by others until the transaction ends. (On SQLite there is one writer anyway.)
pub async fn find_for_update(db: &impl ConnectionTrait, id: UserId) -> Result<Option<User>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The account, if it is of that kind.
pub async fn find_of(db: &impl ConnectionTrait, kind: Kind, id: UserId) -> Result<Option<User>, DbErr> {
    Entity::find_by_id(id).filter(Column::Kind.eq(kind)).one(db).await
}

/// The account, if it is of that kind, held as by [`find_for_update`].
pub async fn find_of_for_update(db: &impl ConnectionTrait, kind: Kind, id: UserId) -> Result<Option<User>, DbErr> {
    Entity::find_by_id(id).filter(Column::Kind.eq(kind)).lock_exclusive().one(db).await
}

/// The person's account with that address, compared without case.
pub async fn find_by_email(db: &impl ConnectionTrait, email_key: &str) -> Result<Option<User>, DbErr> {
    // No address holds it, and PostgreSQL takes it for an error rather than for text.
    if email_key.contains('\0') {
        return Ok(None);
    }
    Entity::find().filter(Column::EmailKey.eq(email_key)).filter(Column::Kind.eq(Kind::Person)).one(db).await
}

/// Whether anybody has an account.
pub async fn any(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let people = Entity::find().filter(Column::Kind.eq(Kind::Person));
    Ok(people.select_only().column(Column::Id).limit(1).into_tuple::<UserId>().one(db).await?.is_some())
}

/// Administrators who can sign in, held against changes by others until the transaction ends.
pub async fn find_admins_for_update(db: &impl ConnectionTrait) -> Result<Vec<User>, DbErr> {
    usable_admins().lock_exclusive().all(db).await
}

/// How many administrators can sign in.
pub async fn count_admins(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    usable_admins().count(db).await
}

fn usable_admins() -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::Kind.eq(Kind::Person))
        .filter(Column::Role.eq(Role::Admin))
        .filter(Column::DisabledAt.is_null())
        .filter(Column::EraseAt.is_null())
}

/// Replaces a password's hash unless it changed meanwhile.
pub async fn rehash(db: &impl ConnectionTrait, id: UserId, from: &str, to: &str) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(to))
        .filter(Column::Id.eq(id))
        .filter(Column::PasswordHash.eq(from))
        .exec(db)
        .await
        .map(drop)
}

/// Accounts to be erased by `now`.
pub async fn find_to_erase(db: &impl ConnectionTrait, now: DateTime<Utc>, limit: u64) -> Result<Vec<User>, DbErr> {
    Entity::find().filter(Column::EraseAt.lte(now)).limit(limit).all(db).await
}

/// Erases an account with its sessions, links and keys, at once.
pub async fn delete(db: &impl ConnectionTrait, id: UserId) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(id).exec(db).await?.rows_affected == 1)
}
