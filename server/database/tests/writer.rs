//! One way to write: everyone keeps their own failure.

use std::time::Duration;

use futures::future::join_all;
use portreeve_contract::EventId;
use portreeve_database::{
    ConnectionTrait, DbErr, Transaction,
    event::{self, Event},
    is_full, is_unique_violation, secret,
};
use portreeve_testkit::{TestDatabase, clock};
use sea_orm::{DbBackend, Statement};
use uuid::Uuid;

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
async fn a_full_disk_is_told_from_other_failures() {
    let test = TestDatabase::fresh().await;
    let write = async |sql: &'static str| test.database.write(async move |transaction| transaction.execute_unprepared(sql).await).await;
    // As many pages as there are, and no more: SQLite says the same as when the disk has none left.
    write("PRAGMA max_page_count = 1").await.expect("a limit");
    let full = write("INSERT INTO secrets (name, sealed, created_at) VALUES ('large', zeroblob(1000000), '2026-01-01')").await;
    assert!(full.as_ref().is_err_and(is_full), "{full:?}");
    assert!(!full.as_ref().is_err_and(is_unique_violation));
    let other = write("INSERT INTO nowhere VALUES (1)").await;
    assert!(other.as_ref().is_err_and(|error| !is_full(error)), "{other:?}");
}

fn event(id: u128, subject: &str) -> Event {
    let time = portreeve_backends::Clock::Manual(clock()).now();
    Event {
        sequence: 0,
        id: EventId(Uuid::from_u128(id)),
        r#type: "test.happened".to_owned(),
        subject: subject.to_owned(),
        data: serde_json::Value::Null,
        time,
        traceparent: None,
    }
}

/// An event goes to the database with what comes after it, be that the end; its failure is its writer's all the same, and nobody else's.
#[tokio::test]
async fn what_goes_later_fails_only_its_own_write() {
    let test = TestDatabase::fresh().await;
    let write = |number: u128| {
        let database = test.database.clone();
        async move {
            database
                .write(async move |transaction| {
                    event::append(&transaction, event(number + 1, &format!("s{number}"))).await?;
                    match number % 4 {
                        // The same for all of these: exactly one may have it.
                        1 => event::append(&transaction, event(0, "the one")).await?,
                        // With the next query.
                        2 => assert_eq!(event::find_of_subject(&transaction, &format!("s{number}")).await?.len(), 1),
                        // Before the next change, whose rows are counted.
                        3 => drop(secret::insert(&transaction, row(&format!("s{number}"))).await?),
                        _ => {}
                    }
                    Ok::<_, DbErr>(())
                })
                .await
        }
    };
    let mut outcomes = join_all((0..200).map(write)).await;
    // One that is alone has no savepoint.
    outcomes.push(write(201).await);
    assert!(outcomes[200].as_ref().is_err_and(is_unique_violation), "{:?}", outcomes[200]);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 50);
    let told = async |subject: &str| event::find_of_subject(test.database.reader(), subject).await.unwrap().len();
    assert_eq!(told("the one").await, 1);
    for (number, outcome) in outcomes[..200].iter().enumerate() {
        assert_eq!(told(&format!("s{number}")).await, usize::from(outcome.is_ok()), "{number}: {outcome:?}");
        assert!(outcome.is_ok() || outcome.as_ref().is_err_and(is_unique_violation));
    }
    assert_eq!(told("s201").await, 0);
}

/// The first statement of a write takes along what the one before it left: whose failure it is must not be mixed up.
#[tokio::test]
async fn a_first_query_that_fails_is_its_own_failure() {
    let test = TestDatabase::fresh().await;
    let mut outcomes = join_all((0..200).map(|number: u128| {
        let database = test.database.clone();
        async move {
            database
                .write(async move |transaction| {
                    if number.is_multiple_of(3) {
                        let nonsense = Statement::from_string(transaction.get_database_backend(), "SELECT nothing FROM nowhere");
                        return transaction.query_one_raw(nonsense).await.map(drop);
                    }
                    event::append(&transaction, event(number + 1, &format!("s{number}"))).await?;
                    // The same for all of these: exactly one may have it, and the others are found out by the next write's nonsense.
                    if number % 3 == 2 { event::append(&transaction, event(0, "the one")).await } else { Ok(()) }
                })
                .await
        }
    }))
    .await;
    let unique: Vec<_> = outcomes.iter().skip(2).step_by(3).filter(|outcome| outcome.is_err()).collect();
    assert_eq!(unique.len(), 65);
    assert!(unique.iter().all(|outcome| outcome.as_ref().is_err_and(is_unique_violation)));
    assert!(outcomes.iter().step_by(3).all(|outcome| outcome.as_ref().is_err_and(|error| !is_unique_violation(error))));
    assert!(outcomes.iter().skip(1).step_by(3).all(Result::is_ok));
    for (number, outcome) in outcomes.drain(..).enumerate() {
        let told = event::find_of_subject(test.database.reader(), &format!("s{number}")).await.unwrap().len();
        assert_eq!(told, usize::from(outcome.is_ok()), "{number}: {outcome:?}");
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
async fn a_write_that_goes_on_after_a_failure_is_none() {
    let test = TestDatabase::fresh().await;
    for is_dropped in [false, true] {
        let failed = async move |transaction: Transaction| {
            secret::insert(&transaction, row("before")).await?;
            let wrong = transaction.execute_unprepared("SELECT nothing FROM nowhere");
            if is_dropped {
                // Begun, and given up.
                let mut wrong = wrong;
                assert!(futures::poll!(&mut wrong).is_pending());
            } else {
                assert!(wrong.await.is_err());
            }
            // PostgreSQL refuses it itself.
            let _ = event::append(&transaction, event(u128::from(is_dropped), "after")).await;
            Ok::<_, DbErr>(())
        };
        let others = test.database.clone();
        let other = others.write(async move |transaction| secret::insert(&transaction, row(&format!("other {is_dropped}"))).await);
        let (failed, other) = futures::join!(test.database.write(failed), other);
        assert!(failed.is_err_and(|error| error.to_string().contains("went on")));
        other.unwrap();
        assert!(!exists(&test, "before").await && exists(&test, &format!("other {is_dropped}")).await);
        assert_eq!(event::find_of_subject(test.database.reader(), "after").await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_handle_that_somebody_keeps_holds_up_nobody() {
    let test = TestDatabase::fresh().await;
    let (keep, mut kept) = tokio::sync::mpsc::unbounded_channel();
    let outcome = test.database.write(async move |transaction| {
        secret::insert(&transaction, row("leaked")).await?;
        keep.send(transaction.clone()).map_err(|_| DbErr::Custom("gone".to_owned()))?;
        Ok::<_, DbErr>(())
    });
    assert!(outcome.await.is_err());
    let kept = kept.recv().await.unwrap();
    let next = test.database.write(async move |transaction| secret::insert(&transaction, row("next")).await);
    tokio::time::timeout(Duration::from_secs(20), next).await.expect("nobody waits").unwrap();
    if test.database.reader().get_database_backend() == DbBackend::Sqlite {
        assert!(secret::insert(&kept, row("late")).await.is_err());
    }
    drop(kept);
    assert!(!exists(&test, "leaked").await && exists(&test, "next").await && !exists(&test, "late").await);
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
