//! Staging in a bucket: what can happen on the way to it.

use portreeve_backends::objects::Objects;
use portreeve_backends::staging::{Error, Staging};
use portreeve_testkit::{Proxy, s3};

use super::{file, write};
use crate::support::{MIB, assert_reads, bytes, uuid};

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_in_the_middle_loses_nothing_that_was_told() {
    let server = s3::Server::start();
    let proxy = Proxy::start(server.address()).await;
    let staging = Staging::objects(Objects::s3(&server.config_at(proxy.address())).unwrap(), "staging/");
    let file = file();
    let mut first = staging.begin(file, 0, uuid()).await.unwrap();
    write(&mut first, 0, 9 * MIB).await;
    let mut kept = first.sync().await.unwrap();
    assert_eq!(kept.len(), 2, "{kept:?}");

    proxy.reset_after(MIB);
    first.write(bytes(9 * MIB, 3 * MIB)).await.unwrap();
    let error = first.sync().await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }) && error.is_temporary(), "{error:?}");
    proxy.pass();
    assert!(first.sync().await.is_err() && first.sync().await.is_err(), "what is missing would go unnoticed");

    let mut second = staging.begin(file, 9 * MIB, uuid()).await.unwrap();
    write(&mut second, 9 * MIB, 3 * MIB).await;
    kept.extend(second.sync().await.unwrap());
    assert_reads(staging.read(kept), 0, 12 * MIB).await;
    assert_eq!(staging.list().await.unwrap().len(), 3, "nothing visible came of what failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_before_a_failure_is_not_told_and_can_be_found() {
    let mut server = s3::Server::start();
    let staging = Staging::objects(Objects::s3(&server.config()).unwrap(), "staging/");
    let mut writer = staging.begin(file(), 0, uuid()).await.unwrap();
    write(&mut writer, 0, 8 * MIB + 5).await;
    server.stop();
    assert!(writer.sync().await.unwrap_err().is_temporary());
    server.restart();
    assert!(writer.sync().await.is_err());
    let [staged] = &staging.list().await.unwrap()[..] else { panic!("one chunk was put") };
    staging.remove_named(&staged.name).await.unwrap();
}
