//! What is told to be durable was synced before, in the right order. A power cut cannot be made here; the system calls can be seen.

use std::io::Write;
use std::process::Command;

use futures::future::join_all;
use portreeve_backends::staging::Staging;
use portreeve_contract::FileId;

use crate::support::{MIB, Place, again, bytes, is_again, stream, uuid};

/// The system calls that matter, in their order, as another process sees them. `None` where nobody may look.
fn calls(test: &str) -> Option<String> {
    let looks = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !looks.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("PORTREEVE_TEST_STRACE").is_none(), "PORTREEVE_TEST_STRACE is set and strace cannot look at a process");
        // Past the capture of tests' output: nobody looks at that of a test that passes.
        let _ = writeln!(std::io::stderr(), "NOT CHECKED, since strace is missing or may not look: {test}");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let wrapper = ["strace", "-f", "-y", "-o", log.to_str().unwrap(), "-e", "trace=openat,fsync,fdatasync,syncfs,/rename,/link"];
    again(&wrapper, test);
    Some(std::fs::read_to_string(log).unwrap())
}

/// Where in the log the first line is that has all of these.
fn place(log: &str, words: &[&str]) -> usize {
    let place = log.lines().position(|line| words.iter().all(|word| line.contains(word)));
    place.unwrap_or_else(|| panic!("no line has {words:?}:\n{log}"))
}

fn count(log: &str, words: &[&str]) -> usize {
    log.lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
}

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().unwrap().block_on(test);
}

#[test]
fn an_object_is_synced_before_it_is_named_and_its_name_after() {
    if is_again() {
        return block_on(async {
            let place = Place::folder();
            for size in [5, 9 * MIB] {
                place.objects.put(&format!("uploads/{size}.bin"), size, stream(size)).await.unwrap();
            }
        });
    }
    let Some(log) = calls("syncs::an_object_is_synced_before_it_is_named_and_its_name_after") else { return };
    for name in ["uploads/5.bin", "uploads/9437184.bin"] {
        let draft = format!("{name}#1");
        let named = place(&log, &["rename", &draft]);
        assert!(place(&log, &["fsync(", &draft]) < named);
        let after = log.lines().skip(named).collect::<Vec<_>>().join("\n");
        place(&after, &["fsync(", "/uploads>"]);
    }
    // The folders that were made on the way.
    place(&log, &["fsync(", "/objects>"]);
}

#[test]
fn an_object_that_is_a_files_second_name_has_it_for_good() {
    if is_again() {
        return block_on(async {
            let place = Place::folder();
            let staging = Staging::folder(place.folder.path().join("staging")).unwrap();
            let mut writer = staging.begin(FileId(uuid()), 0, uuid()).await.unwrap();
            writer.write(bytes(0, 700_000)).await.unwrap();
            let segments = writer.sync().await.unwrap();
            assert!(place.objects.link("uploads/x.bin", 700_000, staging.file_of(&segments).unwrap()).await);
        });
    }
    let Some(log) = calls("syncs::an_object_that_is_a_files_second_name_has_it_for_good") else { return };
    let named = place(&log, &["link", "uploads/x.bin\""]);
    assert!(place(&log, &["fdatasync(", "/staging/"]) < named);
    place(&log.lines().skip(named).collect::<Vec<_>>().join("\n"), &["fsync(", "/uploads>"]);
    place(&log, &["fsync(", "/objects>"]);
}

#[test]
fn an_object_that_was_deleted_stays_so() {
    if is_again() {
        return block_on(async {
            let place = Place::folder();
            place.objects.put("uploads/x.bin", 5, stream(5)).await.unwrap();
            place.objects.delete("uploads/x.bin").await.unwrap();
        });
    }
    let Some(log) = calls("syncs::an_object_that_was_deleted_stays_so") else { return };
    let deleted = place(&log, &["unlink", "uploads/x.bin\""]);
    place(&log.lines().skip(deleted).collect::<Vec<_>>().join("\n"), &["fsync(", "/uploads>"]);
}

#[test]
fn a_segment_is_synced_and_its_name_once() {
    if is_again() {
        return block_on(async {
            let place = Place::folder();
            let staging = Staging::folder(place.folder.path().join("staging")).unwrap();
            let mut writer = staging.begin(FileId(uuid()), 0, uuid()).await.unwrap();
            for _ in 0..3 {
                writer.write(bytes(0, 700_000)).await.unwrap();
                writer.sync().await.unwrap();
                // Nothing new, nothing to do.
                writer.sync().await.unwrap();
            }
        });
    }
    let Some(log) = calls("syncs::a_segment_is_synced_and_its_name_once") else { return };
    assert_eq!(count(&log, &["fdatasync(", "/staging/"]), 3);
    assert_eq!(count(&log, &["fsync(", "/staging>"]), 1);
    assert!(place(&log, &["O_CREAT|O_EXCL", "/staging/", "0600"]) < place(&log, &["fsync(", "/staging>"]));
}

#[test]
fn many_small_uploads_share_their_syncs() {
    if is_again() {
        return block_on(async {
            let place = Place::folder();
            let staging = Staging::folder(place.folder.path().join("staging")).unwrap();
            let uploads = (0..64).map(|_| async {
                let mut writer = staging.begin(FileId(uuid()), 0, uuid()).await.unwrap();
                writer.write(bytes(0, 65_536)).await.unwrap();
                writer.sync().await.unwrap();
            });
            join_all(uploads).await;
        });
    }
    let Some(log) = calls("syncs::many_small_uploads_share_their_syncs") else { return };
    let [files, names, at_once] =
        [["fdatasync(", "/staging/"], ["fsync(", "/staging>"], ["syncfs(", "/staging>"]].map(|call| count(&log, &call));
    assert!(names + at_once <= 32, "{names} syncs of the folder and {at_once} of the file system for 64 uploads:\n{log}");
    // Not every file system can be asked to sync all of it with one call.
    assert!(files == 64 || (at_once > 0 && files + names + at_once <= 64), "{files}, {names}, {at_once}:\n{log}");
    let lines: Vec<_> = log.lines().collect();
    let last = |words: &[&str]| lines.iter().rposition(|line| words.iter().all(|word| line.contains(word)));
    assert!(last(&["O_CREAT|O_EXCL", "/staging/"]) < last(&["sync", "/staging>"]), "the last file was synced before it was made:\n{log}");
}
