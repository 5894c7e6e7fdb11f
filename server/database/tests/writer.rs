//! One way to write: everyone keeps their own failure.

use futures::future::join_all;
use portreeve_database::{DbErr, is_unique_violation, secret};
use portreeve_testkit::{TestDatabase, clock};

fn row(name: &str) -> secret::Secret {
    secret::Secret { name: name.to_owned(), sealed: vec![1], created_at: portreeve_backends::Clock::Manual(clock()).now() }
}

async fn exists(test: &TestDatabase, name: &str) -> bool {
    secret::find(test.database.reader(), name).await.expect("an answer").is_some()
}

#[tokio::test]
async fn of_many_writers_at_once_each_keeps_their_own_failure() {
    let test = TestDatabase::fresh().await;
    let outcomes = join_all((0..200).map(|number| {
        let database = test.database.clone();
        async move {
            database
                .write(async move |transaction| {
                    secret::insert(&transaction, row(&format!("s{number}"))).await?;
                    if number % 3 == 0 {
                        return Err(DbErr::Custom("changed its mind".to_owned()));
                    }
                    // The same for all: exactly one may have it.
                    if number % 3 == 1 {
                        secret::insert(&transaction, row("the one")).await?;
                    }
                    Ok(number)
                })
                .await
        }
    }))
    .await;
    let winners = outcomes.iter().enumerate().filter(|(number, outcome)| number % 3 == 1 && outcome.is_ok()).count();
    assert_eq!(winners, 1);
    for (number, outcome) in outcomes.iter().enumerate() {
        assert_eq!(exists(&test, &format!("s{number}")).await, outcome.is_ok(), "{number}: {outcome:?}");
        if number % 3 == 1 && outcome.is_err() {
            assert!(outcome.as_ref().is_err_and(is_unique_violation));
        }
    }
}

#[tokio::test]
async fn a_panic_costs_its_own_write_only() {
    let test = TestDatabase::fresh().await;
    let database = test.database.clone();
    let panicking = database.write(async move |transaction| {
        secret::insert(&transaction, row("lost")).await?;
        if exists_never() { Ok(()) } else { panic!("a bug") }
    });
    let fine = test.database.write(async move |transaction| secret::insert(&transaction, row("kept")).await);
    let (panicked, fine) = tokio::join!(panicking, fine);
    assert!(matches!(panicked, Err(DbErr::Custom(_))));
    assert!(fine.is_ok());
    assert!(!exists(&test, "lost").await && exists(&test, "kept").await);
}

fn exists_never() -> bool {
    false
}

#[tokio::test]
async fn readers_see_nothing_of_a_write_until_it_is_committed_and_cannot_write() {
    let test = TestDatabase::fresh().await;
    let database = test.database.clone();
    test.database
        .write(async move |transaction| {
            secret::insert(&transaction, row("new")).await?;
            assert!(secret::find(database.reader(), "new").await?.is_none());
            assert!(secret::find(&transaction, "new").await?.is_some());
            Ok::<_, DbErr>(())
        })
        .await
        .unwrap();
    assert!(exists(&test, "new").await);
    assert!(secret::insert(test.database.reader(), row("by a reader")).await.is_err());
}
