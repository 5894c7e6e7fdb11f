//! Sessions that are looked up together: everyone gets their own, as it is now.

use futures::future::join_all;
use portreeve_backends::Clock;
use portreeve_contract::{SessionId, UserId};
use portreeve_database::{
    DbErr,
    session::{self, Lookup, Session, Standing},
    user::{self, Kind, Person, Role, User},
};
use portreeve_testkit::{TestDatabase, clock};
use uuid::Uuid;

fn person(number: u128) -> User {
    let name = format!("p{number}");
    User {
        id: UserId(Uuid::from_u128(number)),
        kind: Kind::Person,
        name_key: name.clone(),
        email: name.clone(),
        email_key: name.clone(),
        name,
        email_verified_at: None,
        pending_email: None,
        password_hash: String::new(),
        role: Role::Member,
        disabled_at: None,
        erase_at: None,
        created_at: Clock::Manual(clock()).now(),
        version: 1,
    }
}

fn session_of(user: &User) -> Session {
    Session {
        id: SessionId(Uuid::from_u128(user.id.0.as_u128() + 1_000_000)),
        user_id: user.id,
        generation: 0,
        refresh_hash: vec![0; 32],
        previous_hash: None,
        rotated_at: user.created_at,
        seen_generation: -1,
        user_agent: String::new(),
        address: String::new(),
        created_at: user.created_at,
        last_seen_at: user.created_at,
        expires_at: user.created_at,
        ended_at: None,
    }
}

fn standing_of(user: User) -> Standing {
    let session = session_of(&user);
    Standing {
        id: session.id,
        user_id: user.id,
        generation: session.generation,
        expires_at: session.expires_at,
        ended_at: session.ended_at,
        person: Person {
            name: user.name,
            email: user.email,
            email_verified_at: user.email_verified_at,
            pending_email: user.pending_email,
            role: user.role,
            disabled_at: user.disabled_at,
            erase_at: user.erase_at,
            created_at: user.created_at,
            version: user.version,
        },
    }
}

async fn with_people(count: u128) -> TestDatabase {
    let test = TestDatabase::fresh().await;
    let written = test.database.write(async move |transaction| {
        for number in 0..count {
            let user = user::insert(&transaction, person(number)).await?;
            session::insert(&transaction, session_of(&user)).await?;
        }
        Ok::<_, DbErr>(())
    });
    written.await.expect("an account for each");
    test
}

#[tokio::test]
async fn of_many_at_once_each_gets_their_own() {
    let test = with_people(100).await;
    let lookup = Lookup::start(&test.database);
    // Each twice, and as many that do not exist.
    let asked = (0..200).chain(0..200).map(|number| (number, lookup.clone()));
    join_all(asked.map(async |(number, lookup)| {
        let user = person(number);
        let found = lookup.find(session_of(&user).id).await.unwrap();
        assert_eq!(found, (number < 100).then(|| standing_of(user)), "{number}");
    }))
    .await;
}

#[tokio::test]
async fn what_was_ended_before_is_ended_when_it_is_found() {
    let test = with_people(1).await;
    let lookup = Lookup::start(&test.database);
    let (user, id) = (person(0).id, session_of(&person(0)).id);
    assert_eq!(lookup.find(id).await.unwrap().unwrap().ended_at, None);
    let now = Clock::Manual(clock()).now();
    assert!(test.database.write(async move |transaction| session::end(&transaction, user, id, now).await).await.unwrap());
    assert_eq!(lookup.find(id).await.unwrap().unwrap().ended_at, Some(now));
}
