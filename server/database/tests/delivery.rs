//! Which events may be taken.

use chrono::{DateTime, TimeDelta, Utc};
use portreeve_database::{
    Database,
    delivery::{self, Delivery},
};
use portreeve_testkit::TestDatabase;
use serde_json::json;
use uuid::Uuid;

const NAME: &str = "store-files";

fn waiting(position: i64, key: &str, now: DateTime<Utc>) -> Delivery {
    Delivery {
        consumer: NAME.to_owned(),
        position,
        key: key.to_owned(),
        failures: 0,
        due_at: now,
        holder: None,
        held_until: None,
        errors: json!([]),
    }
}

async fn claim(database: &Database, holder: Uuid, now: DateTime<Utc>) -> Vec<i64> {
    let until = now + TimeDelta::seconds(15);
    let claimed = database.write(async move |transaction| delivery::claim(&transaction, NAME, (holder, until), now, 10).await);
    claimed.await.expect("a claim").into_iter().map(|delivery| delivery.position).collect()
}

async fn insert(database: &Database, deliveries: Vec<Delivery>) {
    database.write(async move |transaction| delivery::insert(&transaction, deliveries).await).await.expect("room for them");
}

#[tokio::test]
async fn no_two_of_a_key_are_at_work_whichever_was_taken_first() {
    both(async |database| {
        let (now, one, other) = (DateTime::UNIX_EPOCH + TimeDelta::days(20_000), Uuid::from_u128(1), Uuid::from_u128(2));
        insert(&database, vec![waiting(7, "a", now), waiting(8, "a", now), waiting(9, "b", now)]).await;
        assert_eq!(claim(&database, one, now).await, [7, 9]);
        // Of one replayed meanwhile, or sent again.
        insert(&database, vec![waiting(3, "a", now), waiting(4, "c", now)]).await;
        assert_eq!(claim(&database, other, now).await, [4]);
        let done = database.write(async move |transaction| delivery::complete(&transaction, NAME, 7, one).await).await;
        assert!(done.unwrap());
        assert_eq!(claim(&database, other, now).await, [3]);
        // Its holder is dead, and the first of its key comes first again.
        assert_eq!(claim(&database, one, now + TimeDelta::minutes(1)).await, [3, 4, 9]);
    })
    .await;
}

#[tokio::test]
async fn what_is_put_off_is_free_and_what_is_in_hands_goes_first() {
    both(async |database| {
        let (now, one) = (DateTime::UNIX_EPOCH + TimeDelta::days(20_000), Uuid::from_u128(1));
        insert(&database, vec![waiting(7, "a", now)]).await;
        let goes_first = async |position| delivery::goes_first(database.reader(), NAME, ("a", position), now).await.unwrap();
        assert_eq!([goes_first(6).await, goes_first(7).await, goes_first(8).await], [false, true, true]);
        assert_eq!(claim(&database, one, now).await, [7]);
        assert!(goes_first(6).await, "a later one, at work");

        let (other, later) = (Uuid::from_u128(2), now + TimeDelta::seconds(1));
        for holder in [other, one] {
            let put_off = database.write(async move |transaction| delivery::put_off(&transaction, NAME, &[7], (holder, later)).await);
            put_off.await.unwrap();
            assert_eq!(goes_first(6).await, holder == other, "it is put off by its holder and nobody else");
        }
        assert_eq!(claim(&database, other, now).await, [0_i64; 0]);
        assert_eq!(claim(&database, other, later).await, [7]);
    })
    .await;
}

async fn both(test: impl AsyncFn(Database)) {
    let sqlite = TestDatabase::fresh().await;
    test(sqlite.database.clone()).await;
    if let Some(postgres) = TestDatabase::postgres().await {
        test(postgres.database.clone()).await;
    }
}
