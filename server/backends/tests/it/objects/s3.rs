//! Objects in a bucket: what can happen on the way to it.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures::StreamExt;
use portreeve_backends::objects::{Error, Objects};
use portreeve_config::{S3, Secret};
use portreeve_testkit::{Proxy, s3};

use super::{KEY, put};
use crate::support::{MIB, assert_reads, error_of, now, stream, uuid};

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_down_is_temporary() {
    let mut server = s3::Server::start();
    let objects = Objects::s3(&server.config()).unwrap();
    put(&objects, KEY, 5).await;
    server.stop();
    let errors = [
        objects.put(KEY, 7, stream(7)).await.unwrap_err(),
        objects.put(KEY, 9 * MIB, stream(9 * MIB)).await.unwrap_err(),
        objects.get(KEY, None).await.err().unwrap(),
        objects.head(KEY).await.unwrap_err(),
        objects.delete(KEY).await.unwrap_err(),
        objects.check(uuid()).await.unwrap_err(),
        objects.sweep(now()).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Unavailable { .. }) && error.is_temporary(), "{error:?}");
    }
    server.restart();
    assert_reads(objects.get(KEY, None).await.unwrap(), 0, 5).await;
    put(&objects, KEY, 9 * MIB).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_in_the_middle_of_a_put_leaves_nothing_and_is_temporary() {
    let server = s3::Server::start();
    let proxy = Proxy::start(server.address()).await;
    let objects = Objects::s3(&server.config_at(proxy.address())).unwrap();
    for (size, reset) in [(4 * MIB, MIB), (20 * MIB, 0), (20 * MIB, 3 * MIB), (20 * MIB, 12 * MIB), (20 * MIB, 20 * MIB - 1)] {
        proxy.reset_after(reset);
        let error = objects.put(KEY, size, stream(size)).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }) && error.is_temporary(), "{error:?}");
        proxy.pass();
        assert!(matches!(objects.head(KEY).await, Err(Error::NotFound(_))));
        objects.sweep(now() + TimeDelta::minutes(1)).await.unwrap();
        assert_eq!(server.parts(), 0);
        assert_eq!(objects.list("").count().await, 0);
    }
    put(&objects, KEY, 20 * MIB).await;
    assert_reads(objects.get(KEY, None).await.unwrap(), 0, 20 * MIB).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_interruption_is_not_even_noticed() {
    let server = s3::Server::start();
    let proxy = Proxy::start(server.address()).await;
    let objects = Objects::s3(&S3 { retries: 10, ..server.config_at(proxy.address()) }).unwrap();
    for size in [4 * MIB, 20 * MIB] {
        proxy.reset_after(size / 2);
        let back = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            proxy.pass();
        };
        tokio::join!(put(&objects, KEY, size), back);
        assert_reads(objects.get(KEY, None).await.unwrap(), 0, size).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_temporary_and_the_next_try_is_right() {
    let server = s3::Server::start();
    let proxy = Proxy::start(server.address()).await;
    let objects = Objects::s3(&server.config_at(proxy.address())).unwrap();
    for size in [5, 9 * MIB] {
        // Far enough for an upload's id and one part's, not for all.
        for answered in [0, 700, 1000, 1300] {
            proxy.reset_answers_after(answered);
            let lost = objects.put(KEY, size, stream(size)).await;
            proxy.pass();
            assert!(lost.as_ref().err().is_none_or(Error::is_temporary), "{lost:?}");
            put(&objects, KEY, size).await;
            assert_reads(objects.get(KEY, None).await.unwrap(), 0, size).await;
        }
    }
    objects.sweep(now() + TimeDelta::minutes(1)).await.unwrap();
    assert_eq!(objects.list("").count().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_says_nothing_is_given_up_in_time() {
    let server = s3::Server::start();
    let proxy = Proxy::start(server.address()).await;
    let objects = Objects::s3(&S3 { timeout: Duration::from_secs(1), ..server.config_at(proxy.address()) }).unwrap();
    proxy.stall();
    let started = Instant::now();
    let error = objects.put(KEY, 5, stream(5)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }) && error.is_temporary(), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
    proxy.pass();
    put(&objects, KEY, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_in_the_middle_of_a_get_is_mended_or_told() {
    let server = s3::Server::start();
    let proxy = Proxy::start(server.address()).await;
    let objects = Objects::s3(&server.config_at(proxy.address())).unwrap();
    put(&objects, KEY, 20 * MIB).await;
    for range in [None, Some(MIB..19 * MIB)] {
        let mut read = objects.get(KEY, range.clone()).await.unwrap();
        let first = read.next().await.unwrap();
        proxy.reset();
        let start = range.as_ref().map_or(0, |range| range.start);
        assert_reads(futures::stream::iter([first]).chain(read), start, range.map_or(20 * MIB, |range| range.end - range.start)).await;

        let mut read = objects.get(KEY, None).await.unwrap();
        read.next().await.unwrap().unwrap();
        proxy.reset_answers_after(MIB);
        let error = error_of(read).await;
        assert!(matches!(error, Error::Unavailable { .. }) && error.is_temporary(), "{error:?}");
        proxy.pass();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_must_change_is_refused() {
    let server = s3::Server::start();
    let wrong = [S3 { secret_key: Secret::new("hunter2"), ..server.config() }, S3 { access_key: Secret::new("nobody"), ..server.config() }];
    for config in wrong {
        let objects = Objects::s3(&config).unwrap();
        let errors = [
            objects.put(KEY, 5, stream(5)).await.unwrap_err(),
            objects.put(KEY, 9 * MIB, stream(9 * MIB)).await.unwrap_err(),
            objects.get(KEY, None).await.err().unwrap(),
            objects.check(uuid()).await.unwrap_err(),
        ];
        for error in errors {
            assert!(matches!(error, Error::Refused { .. }) && !error.is_temporary(), "{error:?}");
            assert!(error.to_string().contains(&config.bucket) && !format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    let elsewhere = Objects::s3(&S3 { bucket: "elsewhere".to_owned(), ..server.config() }).unwrap();
    let error = elsewhere.list("").next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Refused { .. }) && error.to_string().contains("NoSuchBucket"), "{error:?}");
}
