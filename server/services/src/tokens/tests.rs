//! Tokens signed with our own key that must not be accepted all the same, and tokens of ours that somebody changed.

use jsonwebtoken::{Algorithm, Header, encode};
use portreeve_backends::{Clock, Random};
use portreeve_contract::{SessionId, UserId, user::Role};
use portreeve_database::{DbErr, link::Purpose};
use portreeve_testkit::TestDatabase;
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

use super::{RefreshToken, Refused};
use crate::{
    Accounts, Mails, Origin, Parts, Settings, Tokens,
    auth::{self, Auth, links},
    core::Core,
    files,
    keys::MasterKey,
    passwords,
};

type Change = fn(&mut Value, i64);

async fn core(test: &TestDatabase) -> Core {
    let random = Random::seeded(1);
    let minutes = |minutes: u64| std::time::Duration::from_secs(60 * minutes);
    let settings = Settings {
        public_url: "https://portreeve.example".parse().unwrap(),
        accounts: Accounts {
            sign_up_open: true,
            verification_required: false,
            deletion_delay: minutes(1),
            verification_lifetime: minutes(1),
            reset_lifetime: minutes(1),
            setup_lifetime: minutes(1),
        },
        tokens: Tokens {
            access_lifetime: minutes(5),
            refresh_lifetime: minutes(60),
            refresh_idle: minutes(60),
            reuse_grace: minutes(0),
            cache_callers: true,
        },
        passwords: passwords::Settings { min_length: 15, memory_kib: 64, iterations: 1, parallelism: 1, threads: 1, queue: 1 },
        throttle: None,
        plans: std::collections::BTreeSet::new(),
        key_rotation: minutes(60 * 24 * 30),
        mails: Mails { timeout: minutes(1) },
        files: files::Settings {
            max_size: 1,
            max_files: 1,
            max_bytes: 1,
            max_uploads: 1,
            upload_lifetime: minutes(1),
            trash_lifetime: minutes(1),
        },
        worker: files::WorkerSettings { parallelism: 1, tries: 1, first_pause: minutes(1), longest_pause: minutes(1), lease: minutes(1) },
        event_lifetime: minutes(1),
        event_count: 1000,
    };
    let master_key = MasterKey::load_or_create(&test.path("master.key"), &random).unwrap();
    let clock = Clock::Manual(portreeve_testkit::clock());
    let places = files::Places {
        staging: portreeve_backends::staging::Staging::folder(test.path("staging")).unwrap(),
        objects: portreeve_backends::objects::Objects::folder(&test.path("objects")).unwrap(),
    };
    let database = test.database.clone();
    let stream = portreeve_backends::stream::Stream::database(database.clone(), clock.clone(), random.clone());
    let limits = portreeve_backends::limits::Limits::memory(clock.clone());
    Core::open(Parts { database, clock, random, settings, master_key, places, stream, limits }).await.unwrap()
}

fn sign(core: &Core, claims: &Value, change: impl FnOnce(&mut Header)) -> String {
    let key = core.ring.signing(core.now()).unwrap();
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(key.kid.clone());
    change(&mut header);
    encode(&header, claims, &key.encoding).unwrap()
}

#[tokio::test]
async fn the_right_key_does_not_make_up_for_wrong_claims() {
    let test = TestDatabase::fresh().await;
    let core = core(&test).await;
    let ids = (UserId(core.random.uuid(core.now())), SessionId(core.random.uuid(core.now())));
    let issued = core.access_tokens.issue(&core, ids.0, Role::Member, ids.1, 0).unwrap().access_token;
    let claims = serde_json::to_value(core.access_tokens.verify(&core, &issued).await.unwrap().as_ref()).unwrap();
    let now = core.now().timestamp();

    let cases: [(&str, Change); 7] = [
        ("another issuer", |claims, _| claims["iss"] = json!("https://evil.example")),
        ("another audience", |claims, _| claims["aud"] = json!("https://api.example")),
        ("no audience", |claims, _| drop(claims.as_object_mut().unwrap().remove("aud"))),
        ("expired", |claims, now| claims["exp"] = json!(now)),
        ("no expiry", |claims, _| drop(claims.as_object_mut().unwrap().remove("exp"))),
        ("from the future", |claims, now| claims["iat"] = json!(now + 60)),
        ("no session", |claims, _| drop(claims.as_object_mut().unwrap().remove("sid"))),
    ];
    for (what, change) in cases {
        let mut claims = claims.clone();
        change(&mut claims, now);
        let verdict = core.access_tokens.verify(&core, &sign(&core, &claims, |_| {})).await;
        assert!(matches!(verdict, Err(Refused::Invalid)), "{what}");
    }
    for typ in [None, Some("JWT"), Some("AT+JWT"), Some("application/at+jwt")] {
        let token = sign(&core, &claims, |header| header.typ = typ.map(str::to_owned));
        assert!(matches!(core.access_tokens.verify(&core, &token).await, Err(Refused::Invalid)), "{typ:?}");
    }
    let token = sign(&core, &claims, |header| header.kid = Some("another".to_owned()));
    assert!(matches!(core.access_tokens.verify(&core, &token).await, Err(Refused::Invalid)));
    assert!(core.access_tokens.verify(&core, &sign(&core, &claims, |_| {})).await.is_ok());
}

/// What somebody may do to a token on its way.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Cut(Index),
    Drop(Index),
    Insert(Index, char),
    Swap(Index, Index),
    Append(String),
}

fn a_damage() -> impl Strategy<Value = Damage> {
    let letter = || prop_oneof!["[A-Za-z0-9_.=-]", "\\PC"].prop_map(|text| text.chars().next().unwrap_or('.'));
    prop_oneof![
        4 => (any::<Index>(), 0..7_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        1 => any::<Index>().prop_map(Damage::Cut),
        1 => any::<Index>().prop_map(Damage::Drop),
        1 => (any::<Index>(), letter()).prop_map(|(at, letter)| Damage::Insert(at, letter)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(one, two)| Damage::Swap(one, two)),
        1 => prop_oneof!["[A-Za-z0-9_.=-]{1,8}", "\\PC{1,8}", "[ \t\r\n\0]"].prop_map(Damage::Append),
    ]
}

/// The changed token. Tokens are ASCII, and a flipped bit leaves them so.
fn damaged(token: &str, damage: &Damage) -> String {
    let mut bytes = token.as_bytes().to_vec();
    match damage {
        Damage::Flip(at, bit) => bytes[at.index(token.len())] ^= 1 << bit,
        Damage::Cut(at) => bytes.truncate(at.index(token.len())),
        Damage::Drop(at) => drop(bytes.remove(at.index(token.len()))),
        Damage::Insert(at, letter) => {
            let at = at.index(token.len());
            bytes.splice(at..at, letter.to_string().into_bytes());
        }
        Damage::Swap(one, two) => bytes.swap(one.index(token.len()), two.index(token.len())),
        Damage::Append(text) => bytes.extend(text.as_bytes()),
    }
    String::from_utf8(bytes).unwrap()
}

/// Runs `refused` on changed copies of `token`.
fn each_change_of(token: &str, refused: impl Fn(&str) -> bool) {
    proptest!(ProptestConfig::with_cases(1000), |(damage in a_damage())| {
        let forged = damaged(token, &damage);
        prop_assume!(forged != token);
        prop_assert!(refused(&forged), "{forged} was accepted");
    });
}

fn with_core(test: impl FnOnce(&tokio::runtime::Runtime, &std::sync::Arc<Core>)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::fresh());
    let core = std::sync::Arc::new(runtime.block_on(core(&database)));
    test(&runtime, &core);
}

#[test]
fn an_access_token_that_was_changed_in_any_part_is_refused() {
    with_core(|runtime, core| {
        let ids = (UserId(core.random.uuid(core.now())), SessionId(core.random.uuid(core.now())));
        let token = core.access_tokens.issue(core, ids.0, Role::Member, ids.1, 0).unwrap().access_token;
        let verify = |token: &str| runtime.block_on(core.access_tokens.verify(core, token));
        // Before it is known, and after.
        for _ in 0..2 {
            each_change_of(&token, |forged| matches!(verify(forged), Err(Refused::Invalid)));
            assert!(verify(&token).is_ok());
        }
    });
}

#[test]
fn parts_of_two_access_tokens_make_none() {
    with_core(|runtime, core| {
        let issue = |role| {
            let ids = (UserId(core.random.uuid(core.now())), SessionId(core.random.uuid(core.now())));
            core.access_tokens.issue(core, ids.0, role, ids.1, 0).unwrap().access_token
        };
        let (one, two) = (issue(Role::Member), issue(Role::Admin));
        let (one, two): (Vec<_>, Vec<_>) = (one.split('.').collect(), two.split('.').collect());
        for mixed in [[one[0], one[1], two[2]], [one[0], two[1], one[2]]] {
            let verdict = runtime.block_on(core.access_tokens.verify(core, &mixed.join(".")));
            assert!(matches!(verdict, Err(Refused::Invalid)), "{mixed:?}");
        }
    });
}

#[test]
fn a_refresh_token_that_was_changed_in_any_part_is_none_of_ours() {
    with_core(|_, core| {
        let first = RefreshToken::first(SessionId(core.random.uuid(core.now())), core.random.bytes());
        for issued in [first.successor(&core.ring), first] {
            let token = issued.encode(&core.ring);
            each_change_of(&token, |forged| RefreshToken::decode(&core.ring, forged).is_none());
            assert!(RefreshToken::decode(&core.ring, &token) == Some(issued));
        }
    });
}

#[test]
fn a_link_that_was_changed_in_any_part_does_not_work() {
    with_core(|runtime, core| {
        let shared = core.clone();
        let made = core.database.write(async move |transaction| links::create(&shared, &transaction, Purpose::Setup, None, None).await);
        let link: Result<_, DbErr> = runtime.block_on(made);
        let link = link.unwrap();
        let (_, token) = link.query_pairs().next().unwrap();
        let auth = Auth::new(core.clone());
        let inspect = |token: &str| runtime.block_on(auth.inspect_link(&Origin::local(), token.to_owned()));
        each_change_of(&token, |forged| matches!(inspect(forged), Err(auth::Error::LinkInvalid)));
        assert!(inspect(&token).is_ok());
    });
}

#[test]
fn what_is_no_token_is_refused_without_a_panic() {
    with_core(|runtime, core| {
        proptest!(|(text in "\\PC{0,200}|[A-Za-z0-9_.-]{0,200}|prr_[A-Za-z0-9_-]{96}")| {
            let verdict = runtime.block_on(core.access_tokens.verify(core, &text));
            prop_assert!(matches!(verdict, Err(Refused::Invalid)));
            prop_assert!(RefreshToken::decode(&core.ring, &text).is_none());
        });
    });
}
