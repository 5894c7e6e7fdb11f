use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use chrono::DateTime;
use portreeve_contract::{ApiKeyId, SessionId, UserId};
use uuid::Uuid;

use super::{super::Concern, FRESH, LIFETIME, Memory};
use crate::{
    api_key, session,
    user::{Person, Role},
};

fn person() -> Person {
    Person {
        name: "Ada".to_owned(),
        email: "ada@example.org".to_owned(),
        email_verified_at: None,
        pending_email: None,
        role: Role::Member,
        disabled_at: None,
        erase_at: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

fn session(number: u128, user: u128) -> Arc<session::Standing> {
    Arc::new(session::Standing {
        id: SessionId(Uuid::from_u128(number)),
        user_id: UserId(Uuid::from_u128(user)),
        generation: 1,
        expires_at: DateTime::UNIX_EPOCH,
        ended_at: None,
        person: person(),
    })
}

fn key(user: u128) -> Arc<api_key::Standing> {
    Arc::new(api_key::Standing {
        id: ApiKeyId(Uuid::from_u128(1)),
        user_id: UserId(Uuid::from_u128(user)),
        scopes: String::new(),
        expires_at: None,
        last_used_at: None,
        plan: None,
        person: person(),
    })
}

fn user(number: u128) -> Concern {
    Concern::User(UserId(Uuid::from_u128(number)))
}

/// One that hears.
fn hearing() -> Memory {
    let memory = Memory::default();
    memory.is_true_as_of(Instant::now() + Duration::from_mins(10));
    memory
}

fn knows(memory: &Memory, session: &session::Standing) -> bool {
    memory.session(session.id, session.generation).is_some()
}

#[test]
fn what_was_read_before_somebody_was_forgotten_is_not_kept_after_it() {
    let memory = hearing();
    let found = session(1, 1);
    for forget in [user(1), Concern::Session(found.id), user(2)] {
        let page = memory.page();
        memory.forget([forget].into_iter());
        memory.keep_session(page, &found);
        assert!(!knows(&memory, &found), "{forget:?}");
    }
    let page = memory.page();
    memory.forget_all();
    memory.keep_session(page, &found);
    assert!(!knows(&memory, &found));

    memory.keep_session(memory.page(), &found);
    assert!(knows(&memory, &found));
}

#[test]
fn with_a_person_go_all_their_sessions_and_keys_and_nobody_elses() {
    let memory = hearing();
    let (here, there, of_eve) = (session(1, 1), session(2, 1), session(3, 2));
    for found in [&here, &there, &of_eve] {
        memory.keep_session(memory.page(), found);
    }
    memory.keep_key(memory.page(), [1; 32], &key(1));
    memory.keep_key(memory.page(), [2; 32], &key(2));
    memory.forget([user(1)].into_iter());
    assert!(!knows(&memory, &here) && !knows(&memory, &there) && memory.key(&[1; 32]).is_none());
    assert!(knows(&memory, &of_eve) && memory.key(&[2; 32]).is_some());

    // One of them is read again, which tells nothing of the others.
    memory.keep_session(memory.page(), &here);
    assert!(knows(&memory, &here) && !knows(&memory, &there) && memory.key(&[1; 32]).is_none());
    memory.keep_session(memory.page(), &there);
    memory.forget([Concern::Session(here.id)].into_iter());
    assert!(!knows(&memory, &here) && knows(&memory, &there));
    memory.forget_all();
    assert!(!knows(&memory, &there) && !knows(&memory, &of_eve) && memory.key(&[2; 32]).is_none());
}

#[test]
fn an_earlier_generation_does_not_count() {
    let memory = hearing();
    let found = session(1, 1);
    memory.keep_session(memory.page(), &found);
    assert!(memory.session(found.id, 0).is_some() && memory.session(found.id, 1).is_some());
    assert!(memory.session(found.id, 2).is_none());
}

#[test]
fn whoever_does_not_hear_remembers_nothing() {
    let memory = Memory::default();
    let found = session(1, 1);
    assert_eq!(memory.page(), None, "it never heard");
    memory.keep_session(memory.page(), &found);
    memory.is_true_as_of(Instant::now() + Duration::from_mins(10));
    assert!(!knows(&memory, &found));

    memory.keep_session(memory.page(), &found);
    assert!(knows(&memory, &found));
    let heard = Instant::now();
    memory.is_true_as_of(heard);
    while knows(&memory, &found) {
        assert!(heard.elapsed() < FRESH + Duration::from_secs(5), "it does not hear any more, and says that it knows");
    }
    assert_eq!(memory.page(), None);
    memory.is_true_as_of(Instant::now() + Duration::from_mins(10));
    assert!(knows(&memory, &found));
}

#[test]
fn no_more_is_remembered_than_there_is_room_for_and_no_longer_than_it_may_be() {
    let memory = Memory::of(10, LIFETIME);
    memory.is_true_as_of(Instant::now() + Duration::from_mins(10));
    for number in 0..1000 {
        memory.keep_session(memory.page(), &session(number, number));
        memory.keep_key(memory.page(), [u8::try_from(number % 256).unwrap(); 32], &key(number));
    }
    memory.sessions.run_pending_tasks();
    memory.keys.run_pending_tasks();
    memory.people.run_pending_tasks();
    assert!(memory.sessions.entry_count() <= 10 && memory.keys.entry_count() <= 10 && memory.people.entry_count() <= 10);

    let short = Memory::of(10, Duration::from_millis(1));
    short.is_true_as_of(Instant::now() + Duration::from_mins(10));
    let found = session(1, 1);
    short.keep_session(short.page(), &found);
    thread::sleep(Duration::from_millis(5));
    assert!(!knows(&short, &found));
}

/// Many read and keep while one changes and forgets. Whoever asks after a change was made sees it, or reads.
#[test]
fn nobody_is_told_what_was_so_before_a_change_however_they_race() {
    let memory = hearing();
    let truth = std::sync::atomic::AtomicI64::new(0);
    let read = || truth.load(std::sync::atomic::Ordering::SeqCst);
    let id = session(1, 1).id;
    let is_over = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
                    let page = memory.page();
                    let mut found = session::Standing::clone(&session(1, 1));
                    found.person.version = read();
                    thread::yield_now();
                    memory.keep_session(page, &Arc::new(found));
                }
            });
        }
        for version in 1..=5_000 {
            truth.store(version, std::sync::atomic::Ordering::SeqCst);
            memory.forget([if version % 2 == 0 { user(1) } else { Concern::Session(id) }].into_iter());
            if let Some(known) = memory.session(id, 0) {
                assert_eq!(known.person.version, version, "what was so before was kept");
            }
        }
        is_over.store(true, std::sync::atomic::Ordering::SeqCst);
    });
}
