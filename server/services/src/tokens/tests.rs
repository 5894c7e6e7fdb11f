//! Tokens signed with our own key that must not be accepted all the same.

use jsonwebtoken::{Algorithm, Header, encode};
use portreeve_backends::{Clock, Random};
use portreeve_contract::{SessionId, UserId, user::Role};
use portreeve_testkit::TestDatabase;
use serde_json::{Value, json};

use super::Refused;
use crate::{Accounts, Mails, Parts, Settings, Tokens, core::Core, files, keys::MasterKey, passwords};

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
        tokens: Tokens { access_lifetime: minutes(5), refresh_lifetime: minutes(60), refresh_idle: minutes(60), reuse_grace: minutes(0) },
        passwords: passwords::Settings { min_length: 15, memory_kib: 64, iterations: 1, parallelism: 1, threads: 1, queue: 1 },
        throttle: None,
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
    };
    let master_key = MasterKey::load_or_create(&test.path("master.key"), &random).unwrap();
    let clock = Clock::Manual(portreeve_testkit::clock());
    let places = files::Places {
        staging: portreeve_backends::staging::Staging::folder(test.path("staging")).unwrap(),
        objects: portreeve_backends::objects::Objects::folder(&test.path("objects")).unwrap(),
    };
    let database = test.database.clone();
    let stream = portreeve_backends::stream::Stream::database(database.clone(), clock.clone(), random.clone());
    Core::open(Parts { database, clock, random, settings, master_key, places, stream }).await.unwrap()
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
