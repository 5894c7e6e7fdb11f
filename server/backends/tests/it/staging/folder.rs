//! Staging in a folder.

use std::os::unix::fs::PermissionsExt;

use portreeve_backends::staging::{Error, Staging};

use super::{file, write};
use crate::support::{MIB, Place, again, assert_reads, bytes, eventually, files, is_again, uuid};

#[tokio::test(flavor = "multi_thread")]
async fn only_its_owner_reads_what_is_staged() {
    let place = Place::folder();
    let staging = super::staging(&place);
    let mut writer = staging.begin(file(), 0, uuid()).await.unwrap();
    writer.write(bytes(0, 5)).await.unwrap();
    let segment = writer.sync().await.unwrap().remove(0);
    let folder = place.folder.path().join("staging");
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(folder.clone()), mode(folder.join(segment.name))), (0o700, 0o600));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_ask_first_one_says_which_it_is() {
    let place = Place::folder();
    let nodes: Vec<_> = (0..16).map(|_| super::staging(&place)).collect();
    let said = futures::future::join_all(nodes.iter().map(|node| node.identity(uuid()))).await;
    let said: std::collections::HashSet<_> = said.into_iter().map(Result::unwrap).collect();
    assert_eq!(said.len(), 1);
    assert_eq!(files(&place.folder.path().join("staging")).len(), 1, "no draft stays");

    std::fs::write(place.folder.path().join("staging/.portreeve-staging"), "scribble").unwrap();
    let error = nodes[0].identity(uuid()).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }) && error.to_string().contains(".portreeve-staging"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_is_left_alone() {
    let place = Place::folder();
    let staging = super::staging(&place);
    let theirs = place.folder.path().join("staging/README");
    std::fs::write(&theirs, "somebody's").unwrap();
    assert_eq!(staging.list().await.unwrap(), []);
    assert!(staging.remove_named("README").await.is_err());
    assert!(theirs.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_gone_is_temporary() {
    let place = Place::folder();
    let staging = super::staging(&place);
    std::fs::remove_dir(place.folder.path().join("staging")).unwrap();
    let mut writer = staging.begin(file(), 0, uuid()).await.unwrap();
    writer.write(bytes(0, 5)).await.unwrap();
    for _ in 0..2 {
        let error = writer.sync().await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }) && error.is_temporary(), "{error:?}");
    }
    assert!(staging.list().await.is_err() && staging.identity(uuid()).await.is_err());
    assert!(matches!(Staging::folder("/proc/portreeve".into()), Err(Error::Refused { .. } | Error::Unavailable { .. })));
}

#[test]
fn a_full_folder_is_told_and_keeps_what_was_synced() {
    if !is_again() {
        // No file may grow beyond 2 MiB, which a write feels as it feels a full disk.
        let limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 4096; exec \"$@\"", "sh"];
        again(&limited, "staging::folder::a_full_folder_is_told_and_keeps_what_was_synced");
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let place = Place::folder();
        let staging = super::staging(&place);
        let mut writer = staging.begin(file(), 0, uuid()).await.unwrap();
        write(&mut writer, 0, MIB).await;
        let kept = writer.sync().await.unwrap();
        let mut full = None;
        for _ in 0..8 {
            let written = writer.write(bytes(0, 256 * 1024)).await;
            full = full.or(written.err());
        }
        let error = full.or(writer.sync().await.err()).unwrap();
        assert!(matches!(error, Error::Full(_)) && error.is_temporary(), "{error:?}");
        assert!(writer.sync().await.is_err(), "nobody can say what it would mean");
        assert_reads(staging.read(kept.clone()), 0, MIB).await;

        // Another writer goes on when there is room again, and what nobody was told of takes none.
        let mut other = staging.begin(file(), MIB, uuid()).await.unwrap();
        while other.write(bytes(0, 256 * 1024)).await.is_ok() {}
        drop(other);
        eventually("its room is free", async || staging.list().await.unwrap().len() == 1).await;
        let mut last = staging.begin(file(), MIB, uuid()).await.unwrap();
        last.write(bytes(MIB, 5)).await.unwrap();
        let all = [kept, last.sync().await.unwrap()].concat();
        assert_reads(staging.read(all), 0, MIB + 5).await;
    });
}

#[test]
fn memory_does_not_grow_with_the_file() {
    if !is_again() {
        again(&[], "staging::folder::memory_does_not_grow_with_the_file");
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        const SIZE: u64 = 256 * MIB;
        let place = Place::folder();
        let staging = super::staging(&place);
        let piece = bytes(0, MIB);
        let mut before = 0;
        for size in [4 * MIB, SIZE] {
            let mut writer = staging.begin(file(), 0, uuid()).await.unwrap();
            for _ in 0..size / MIB {
                writer.write(piece.clone()).await.unwrap();
            }
            let segments = writer.sync().await.unwrap();
            place.objects.put("uploads/x.bin", size, staging.read(segments)).await.unwrap();
            before = if before == 0 { peak() } else { before };
        }
        let grown = peak() - before;
        assert!(grown < 12 * 1024, "{grown} KiB more for {} MiB more", SIZE / MIB);
    });
}

/// The most memory that this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
