//! What an earlier release wrote is what it was.

use portreeve_testkit::Postgres;
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use super::{Migrator, apply, pending};
use crate::{
    Database, Url,
    page::Page,
    user::{self, Kind, Sort, User},
};

/// The steps that the release before service accounts knew.
const BEFORE: u32 = 8;
/// As that release writes a person, before and after the step: it names no kind.
const ADA: &str = "INSERT INTO users (id, name, name_key, email, email_key, password_hash, role, created_at) VALUES \
                   (ID, 'Ada', 'ada', 'ada@example.org', 'ada@example.org', 'x', 'admin', '2026-01-01T00:00:00+00:00')";

async fn people_stay_people(database: &Database, ids: [&str; 2]) {
    let transaction = database.begin_schema_change().await.unwrap();
    Migrator::up(&transaction, Some(BEFORE)).await.unwrap();
    transaction.commit().await.unwrap();
    let add = async |id: &str, name: &str| {
        let sql = ADA.replace("ID", id).replace("ada", name);
        let added = database.write(async move |transaction| transaction.execute_unprepared(&sql).await).await;
        assert_eq!(added.unwrap().rows_affected(), 1);
    };
    add(ids[0], "ada").await;
    let known = u32::try_from(Migrator::migrations().len()).unwrap();
    assert_eq!(pending(database).await.unwrap(), (known - BEFORE) as usize);
    apply(database).await.unwrap();
    add(ids[1], "eve").await;

    let db = database.reader();
    let listed = async |kind| -> Page<User> { user::page(db, kind, "", (Sort::Name, sea_orm::Order::Asc), None, 10).await.unwrap() };
    let people = listed(Kind::Person).await;
    assert_eq!(
        people.items.iter().map(|user| (user.kind, user.name_key.as_str())).collect::<Vec<_>>(),
        [(Kind::Person, "ada"), (Kind::Person, "eve")]
    );
    assert_eq!(listed(Kind::ServiceAccount).await.total, 0);
    assert_eq!(user::find_by_email(db, "ada@example.org").await.unwrap(), Some(people.items[0].clone()));
    assert_eq!(user::count_admins(db).await.unwrap(), 2);
}

#[tokio::test]
async fn people_stay_people_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::connect(&Url::Sqlite { path: folder.path().join("test.db"), readers: 2 }).await.unwrap();
    people_stay_people(&database, ["x'01a1fc93afa2716ea8a825f49aad7109'", "x'01a1fc93afa2716ea8a825f49aad7110'"]).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn people_stay_people_on_postgres() {
    let postgres = Postgres::create().await.expect("the PostgreSQL of this run");
    let url = Url::Postgres { url: postgres.url(), connections: 2 };
    let database = Database::connect(&url).await.unwrap();
    people_stay_people(&database, ["'01a1fc93-afa2-716e-a8a8-25f49aad7109'", "'01a1fc93-afa2-716e-a8a8-25f49aad7110'"]).await;
    database.close().await;
}
