//! How things stand, asked by many while it changes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::DateTime;
use portreeve_contract::{EventId, SessionId, UserId};
use portreeve_database::{
    Database, DbErr, Standings,
    event::{self, Event},
    session::{self, Session},
    user::{self, Kind, Role, User},
};
use portreeve_testkit::TestDatabase;
use uuid::Uuid;

const ADA: UserId = UserId(Uuid::from_u128(1));
const SESSION: SessionId = SessionId(Uuid::from_u128(2));

async fn with_ada() -> TestDatabase {
    let test = TestDatabase::fresh().await;
    let now = DateTime::UNIX_EPOCH;
    let ada = User {
        id: ADA,
        kind: Kind::Person,
        name: "Ada".to_owned(),
        name_key: "ada".to_owned(),
        email: "ada@example.org".to_owned(),
        email_key: "ada@example.org".to_owned(),
        email_verified_at: None,
        pending_email: None,
        password_hash: String::new(),
        role: Role::Member,
        disabled_at: None,
        erase_at: None,
        created_at: now,
        version: 1,
    };
    let session = Session {
        id: SESSION,
        user_id: ADA,
        generation: 0,
        refresh_hash: vec![0; 32],
        previous_hash: None,
        rotated_at: now,
        seen_generation: -1,
        user_agent: String::new(),
        address: String::new(),
        created_at: now,
        last_seen_at: now,
        expires_at: now,
        ended_at: None,
    };
    let written = test.database.write(async move |transaction| {
        user::insert(&transaction, ada).await?;
        session::insert(&transaction, session).await?;
        Ok::<_, DbErr>(())
    });
    written.await.expect("an account");
    test
}

/// The next version of the account, with the event that tells of it.
async fn change(database: &Database, number: u128) {
    let written = database.write(async move |transaction| {
        let ada = user::find_for_update(&transaction, ADA).await?.expect("an account");
        user::update(&transaction, ada).await?;
        let told = Event {
            sequence: 0,
            id: EventId(Uuid::from_u128(number)),
            r#type: "user.updated".to_owned(),
            subject: ADA.to_string(),
            data: serde_json::json!({}),
            time: DateTime::UNIX_EPOCH,
            traceparent: None,
        };
        event::append(&transaction, told).await
    });
    let written: Result<(), DbErr> = written.await;
    written.expect("a change");
}

async fn version(standings: &Standings) -> i64 {
    standings.of_session(SESSION, 0).await.expect("an answer").expect("a session").person.version
}

fn following(standings: &Standings) -> tokio::task::JoinHandle<()> {
    let standings = standings.clone();
    tokio::spawn(async move { standings.follow().await })
}

async fn is_remembered(standings: &Standings) {
    let (before, begun) = (standings.counts().hits, Instant::now());
    while standings.counts().hits == before {
        version(standings).await;
        assert!(begun.elapsed() < Duration::from_secs(40), "it is never remembered");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// How long an answer takes does not matter, only when it was asked for.
async fn is_told_within_a_second(standings: &Standings, wanted: i64, happened: Instant) {
    loop {
        let asked = happened.elapsed();
        if version(standings).await == wanted {
            return;
        }
        assert!(asked < Duration::from_secs(1), "whoever asked {asked:?} later was told what was so before");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_after_a_change_was_made_is_told_of_it_however_many_ask() {
    let test = with_ada().await;
    let standings = Standings::start(&test.database);
    let follower = following(&standings);
    is_remembered(&standings).await;
    let is_over = Arc::new(AtomicBool::default());
    let askers: Vec<_> = (0..4)
        .map(|_| {
            let (standings, is_over) = (standings.clone(), is_over.clone());
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    version(&standings).await;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for number in 2..=60 {
        change(&test.database, u128::try_from(number).unwrap()).await;
        assert_eq!(version(&standings).await, number);
    }
    is_over.store(true, Ordering::Relaxed);
    for asker in askers {
        asker.await.unwrap();
    }
    follower.abort();
}

#[tokio::test]
async fn nothing_is_remembered_that_nobody_would_hear_of() {
    let test = with_ada().await;
    let standings = Standings::start(&test.database);
    for _ in 0..10 {
        version(&standings).await;
    }
    assert_eq!(standings.counts().hits, 0, "nobody follows");

    let follower = following(&standings);
    is_remembered(&standings).await;
    follower.abort();
    let stopped = Instant::now();
    let another = test.another().await;
    change(&another, 2).await;
    is_told_within_a_second(&standings, 2, stopped).await;
    another.close().await;
}

/// So much that it is not read one by one.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_among_very_many_events_is_heard_of() {
    let test = with_ada().await;
    let standings = Standings::start(&test.database);
    let follower = following(&standings);
    is_remembered(&standings).await;
    let another = test.another().await;
    let written = another.write(async |transaction| {
        for number in 1000..2500 {
            let told = Event {
                sequence: 0,
                id: EventId(Uuid::from_u128(number)),
                r#type: "file.stored".to_owned(),
                subject: String::new(),
                data: serde_json::json!({}),
                time: DateTime::UNIX_EPOCH,
                traceparent: None,
            };
            event::append(&transaction, told).await?;
        }
        Ok::<_, DbErr>(())
    });
    written.await.unwrap();
    change(&another, 2).await;
    is_told_within_a_second(&standings, 2, Instant::now()).await;
    follower.abort();
    another.close().await;
}
