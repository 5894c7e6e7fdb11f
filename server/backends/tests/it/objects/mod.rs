//! Objects, on every engine.

mod folder;
mod s3;

use bytes::Bytes;
use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt};
use portreeve_backends::objects::{Error, Objects};

use crate::support::{MIB, Place, SIZES, assert_reads, byte_at, bytes, error_of, now, on_each_engine, stream, uuid};

on_each_engine! {
    what_is_put_is_what_is_read,
    a_part_can_be_read,
    what_is_put_again_replaces_what_was_there,
    what_is_not_there_is_told,
    a_source_that_fails_leaves_what_was_there,
    a_wrong_size_leaves_what_was_there,
    a_put_that_is_dropped_leaves_what_was_there,
    a_listing_has_all_and_nothing_else,
    a_new_object_replaces_none,
    names_that_are_not_ours_are_refused,
    a_check_leaves_nothing,
}

const KEY: &str = "uploads/0198a7c4-7a52-7b3e-8f00-0123456789ab.bin";

async fn put(objects: &Objects, key: &str, size: u64) {
    objects.put(key, size, stream(size)).await.unwrap();
}

async fn what_is_put_is_what_is_read(place: Place) {
    for size in SIZES {
        let key = format!("uploads/{}.bin", uuid());
        put(&place.objects, &key, size).await;
        assert_eq!(place.objects.head(&key).await.unwrap(), size);
        assert_reads(place.objects.get(&key, None).await.unwrap(), 0, size).await;
    }
    assert_eq!(place.leftovers(), 0);
    assert_eq!(place.objects.list("").count().await, SIZES.len(), "no note of an upload stays");
}

async fn a_part_can_be_read(place: Place) {
    let size = 9 * MIB;
    put(&place.objects, KEY, size).await;
    for range in [0..1, 0..size, 1..2 * MIB, 8 * MIB - 1..8 * MIB + 1, size - 1..size, 0..0, 5..5, size..size] {
        let read = place.objects.get(KEY, Some(range.clone())).await.unwrap();
        assert_reads(read, range.start, range.end - range.start).await;
    }
    #[expect(clippy::reversed_empty_ranges, reason = "somebody may ask for it")]
    for range in [0..size + 1, size - 1..size + 1, size..size + 1, size + 1..size + 1, size + 5..size + 9, 5..4] {
        let read = place.objects.get(KEY, Some(range.clone())).await;
        assert!(matches!(read, Err(Error::Range(_))), "{range:?}: {:?}", read.err());
    }
}

async fn what_is_put_again_replaces_what_was_there(place: Place) {
    for size in [3, 9 * MIB, 9 * MIB, 5, 5, 0] {
        put(&place.objects, KEY, size).await;
        assert_reads(place.objects.get(KEY, None).await.unwrap(), 0, size).await;
    }
    assert_eq!(place.objects.list("").count().await, 1);
}

async fn what_is_not_there_is_told(place: Place) {
    for _ in 0..2 {
        assert!(matches!(place.objects.get(KEY, None).await, Err(Error::NotFound(key)) if key == KEY));
        assert!(matches!(place.objects.get(KEY, Some(0..1)).await, Err(Error::NotFound(_))));
        assert!(matches!(place.objects.get(KEY, Some(0..0)).await, Err(Error::NotFound(_))));
        let error = place.objects.head(KEY).await.unwrap_err();
        assert!(matches!(&error, Error::NotFound(key) if key == KEY) && !error.is_temporary());
        place.objects.delete(KEY).await.unwrap();
        put(&place.objects, KEY, 5).await;
        place.objects.delete(KEY).await.unwrap();
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the source is dry")]
struct Dry;

async fn a_source_that_fails_leaves_what_was_there(place: Place) {
    for size in [5, 20 * MIB] {
        for before in [None, Some(7)] {
            let key = format!("uploads/{}.bin", uuid());
            if let Some(before) = before {
                put(&place.objects, &key, before).await;
            }
            let dry = stream(size / 2).map_err(|_| Dry).chain(futures::stream::iter([Err(Dry)]));
            let error = place.objects.put(&key, size, dry).await.unwrap_err();
            assert!(matches!(&error, Error::Input(source) if source.is::<Dry>()) && error.is_temporary(), "{error:?}");
            assert_eq!(place.objects.head(&key).await.ok(), before);
        }
    }
    assert_eq!(place.leftovers(), 0);

    // A source of the same kind knows best.
    let gone = futures::stream::iter([Err::<Bytes, _>(Error::NotFound("x".to_owned()))]);
    assert!(!place.objects.put(KEY, 1, gone).await.unwrap_err().is_temporary());
}

async fn a_wrong_size_leaves_what_was_there(place: Place) {
    put(&place.objects, KEY, 7).await;
    for (promised, sent) in
        [(0, 1), (5, 4), (5, 6), (5, 0), (8 * MIB, 8 * MIB + 1), (20 * MIB, 20 * MIB - 1), (20 * MIB, 20 * MIB + 1), (9 * MIB, 3)]
    {
        let error = place.objects.put(KEY, promised, stream(sent)).await.unwrap_err();
        assert!(matches!(&error, Error::Length { expected, .. } if *expected == promised) && !error.is_temporary(), "{error:?}");
        assert_eq!(place.objects.head(KEY).await.unwrap(), 7);
    }
    assert_eq!(place.leftovers(), 0);
}

async fn a_put_that_is_dropped_leaves_what_was_there(place: Place) {
    put(&place.objects, KEY, 7).await;
    let stuck = stream(17 * MIB).chain(futures::stream::pending());
    let dropped = tokio::time::timeout(std::time::Duration::from_secs(3), place.objects.put(KEY, 20 * MIB, stuck)).await;
    assert!(dropped.is_err());
    assert_reads(place.objects.get(KEY, None).await.unwrap(), 0, 7).await;

    assert_eq!(place.objects.sweep(now() - TimeDelta::hours(1)).await.unwrap(), 0, "it might still be going on");
    place.objects.sweep(now() + TimeDelta::hours(1)).await.unwrap();
    assert_eq!(place.leftovers(), 0);
    assert_eq!(place.objects.list("").count().await, 1);
    assert_reads(place.objects.get(KEY, None).await.unwrap(), 0, 7).await;
}

async fn a_listing_has_all_and_nothing_else(place: Place) {
    assert_eq!(place.objects.list("").count().await, 0);
    // More than S3 tells at once.
    let keys: Vec<String> = (0..1003).map(|number| format!("uploads/{number:04}.bin")).collect();
    let puts = keys.iter().chain([&"staging/x".to_owned()]).cloned().collect::<Vec<_>>();
    futures::stream::iter(puts).for_each_concurrent(16, async |key| put(&place.objects, &key, 3).await).await;

    let mut listed: Vec<_> = place.objects.list("uploads/").try_collect().await.unwrap();
    listed.sort_by(|one, other| one.key.cmp(&other.key));
    assert!(listed.iter().all(|found| found.size == 3 && (found.stored - now()).abs() < TimeDelta::minutes(10)));
    assert_eq!(listed.into_iter().map(|found| found.key).collect::<Vec<_>>(), keys);
    assert_eq!(place.objects.list("staging").count().await, 1);
    assert_eq!(place.objects.list("").count().await, 1004);
    assert_eq!(place.objects.list("nothing/").count().await, 0);
}

async fn a_new_object_replaces_none(place: Place) {
    assert!(place.objects.put_new("staging/identity", bytes(0, 5)).await.unwrap());
    assert!(!place.objects.put_new("staging/identity", bytes(9, 6)).await.unwrap());
    assert_reads(place.objects.get("staging/identity", None).await.unwrap(), 0, 5).await;
}

async fn names_that_are_not_ours_are_refused(place: Place) {
    for key in [
        "",
        "../x",
        "/etc/passwd",
        "uploads/../../x",
        "uploads/x#1",
        "uploads/a b",
        "CON",
        "uploads/\0",
        "uploads/\u{202e}x",
        &"x".repeat(4096),
    ] {
        let errors = [
            place.objects.put(key, 1, stream(1)).await.unwrap_err(),
            place.objects.put_new(key, bytes(0, 1)).await.unwrap_err(),
            place.objects.get(key, None).await.err().unwrap(),
            place.objects.head(key).await.unwrap_err(),
            place.objects.delete(key).await.unwrap_err(),
        ];
        assert!(errors.iter().all(|error| matches!(error, Error::Name(_)) && !error.is_temporary()), "{key:?}: {errors:?}");
    }
    assert!(matches!(error_of(place.objects.list("../").map_ok(|_| Bytes::new())).await, Error::Name(_)));
    assert_eq!(place.objects.list("").count().await, 0);
}

async fn a_check_leaves_nothing(place: Place) {
    place.objects.check(uuid()).await.unwrap();
    assert_eq!(place.objects.list("").count().await, 0);
    assert!(!place.objects.place().is_empty());
    assert_eq!(byte_at(0), 0);
}
