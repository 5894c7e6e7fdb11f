//! Objects as files.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chrono::TimeDelta;
use portreeve_backends::objects::{Error, Objects};

use super::{KEY, put};
use crate::support::{MIB, again, assert_reads, bytes, files, is_again, now, stream};

#[tokio::test]
async fn a_folder_that_is_missing_is_made_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b");
    let objects = Objects::folder(&path).unwrap();
    for folder in [&folder.path().join("a"), &path] {
        assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
    put(&objects, KEY, 3).await;
    assert!(Objects::folder(&path).is_ok());
}

#[tokio::test]
async fn a_place_where_no_folder_can_be_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Objects::folder(&file).unwrap_err();
    assert!(matches!(error, Error::Refused { .. }) && error.to_string().contains("file"), "{error}");
    // Even root cannot write here.
    assert!(Objects::folder(Path::new("/proc/portreeve")).is_err());

    let path = folder.path().join("objects");
    let objects = Objects::folder(&path).unwrap();
    std::fs::write(path.join("uploads"), "in the way").unwrap();
    let error = objects.put(KEY, 3, stream(3)).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_that_is_whole_gets_one_more_name_and_others_are_left() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::folder(&folder.path().join("objects")).unwrap();
    let staged = folder.path().join("staged");
    let write = |size: u64| std::fs::write(&staged, bytes(0, size)).unwrap();
    assert!(!objects.link(KEY, 700, staged.clone()).await, "it is not there");
    write(701);
    assert!(!objects.link(KEY, 700, staged.clone()).await, "more was written than counts");
    assert!(!objects.link("../700", 701, staged.clone()).await, "no name of ours");
    assert!(matches!(objects.head(KEY).await.unwrap_err(), Error::NotFound(_)));
    assert!(objects.link(KEY, 701, staged.clone()).await);
    assert!(objects.link(KEY, 701, staged.clone()).await, "a worker was killed after the first time");
    std::fs::remove_file(&staged).unwrap();
    assert_reads(objects.get(KEY, None).await.unwrap(), 0, 701).await;

    write(9);
    assert!(!objects.link(KEY, 9, staged.clone()).await, "another object has that name");
    assert_eq!(objects.head(KEY).await.unwrap(), 701);
    put(&objects, KEY, 9).await;
    assert_eq!(std::fs::metadata(&staged).unwrap().len(), 9);
    std::fs::write(&staged, "written later").unwrap();
    assert_reads(objects.get(KEY, None).await.unwrap(), 0, 9).await;
}

#[tokio::test]
async fn only_old_drafts_are_swept() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::folder(folder.path()).unwrap();
    put(&objects, KEY, 3).await;
    // As a killed process leaves them.
    let draft = folder.path().join(format!("{KEY}#1"));
    std::fs::write(&draft, "half").unwrap();
    std::fs::write(folder.path().join("README"), "somebody's").unwrap();
    assert_eq!(objects.sweep(now() - TimeDelta::minutes(1)).await.unwrap(), 0);
    assert!(draft.exists());
    assert_eq!(objects.sweep(now() + TimeDelta::minutes(1)).await.unwrap(), 1);
    assert!(!draft.exists());
    assert_eq!(files(folder.path()).len(), 2);
    // A draft is in nobody's way either.
    std::fs::write(&draft, "half").unwrap();
    put(&objects, KEY, 9 * MIB).await;
    assert_reads(objects.get(KEY, None).await.unwrap(), 0, 9 * MIB).await;
}

#[test]
fn a_full_folder_is_told_and_keeps_what_it_has() {
    if !is_again() {
        // No file may grow beyond 2 MiB, which a write feels as it feels a full disk.
        again(
            &["sh", "-c", "trap '' XFSZ; ulimit -f 4096; exec \"$@\"", "sh"],
            "objects::folder::a_full_folder_is_told_and_keeps_what_it_has",
        );
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::folder(folder.path()).unwrap();
        put(&objects, KEY, 7).await;
        // The second is larger than one write.
        for size in [2 * MIB + 1, 9 * MIB] {
            let error = objects.put(KEY, size, stream(size)).await.unwrap_err();
            assert!(matches!(error, Error::Full(_)) && error.is_temporary(), "{error:?}");
        }
        assert_reads(objects.get(KEY, None).await.unwrap(), 0, 7).await;
        assert_eq!(files(folder.path()).len(), 1, "what could not be kept takes no room");
        put(&objects, KEY, MIB).await;
    });
}
