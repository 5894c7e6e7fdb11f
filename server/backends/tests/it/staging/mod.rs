//! Staging, on every engine.

mod folder;
mod s3;

use bytes::Bytes;
use futures::StreamExt;
use portreeve_backends::Clock;
use portreeve_backends::staging::{Error, Segment, Staging, Writer};
use portreeve_contract::FileId;

use crate::support::{self, MIB, Place, SIZES, assert_reads, bytes, error_of, now, on_each_engine, uuid};

on_each_engine! {
    what_is_written_is_what_is_read,
    what_is_synced_is_told_each_time,
    another_node_goes_on_where_the_first_was_cut_off,
    two_writers_of_one_place_are_not_in_each_others_way,
    what_nobody_was_told_of_is_not_read,
    segments_that_do_not_fit_are_told,
    names_that_are_not_ours_are_refused,
    a_listing_tells_what_is_whose_and_since_when,
    it_is_the_same_for_everybody_and_for_ever,
    a_check_leaves_all_as_it_was,
}

/// A second one sees what the first wrote, as another process would.
fn staging(place: &Place) -> Staging {
    match &place.server {
        None => Staging::folder(place.folder.path().join("staging")).unwrap(),
        Some(_) => Staging::objects(place.objects.clone(), "staging/"),
    }
}

fn file() -> FileId {
    FileId(uuid())
}

/// Writes `length` bytes from `start` on, in pieces of an odd size.
async fn write(writer: &mut Writer, start: u64, length: u64) {
    let pieces = support::stream(start + length);
    let mut place = 0;
    let mut pieces = std::pin::pin!(pieces);
    while let Some(piece) = pieces.next().await {
        let piece: Bytes = piece.unwrap();
        let end = place + piece.len() as u64;
        if end > start {
            writer.write(piece.slice(usize::try_from(start.saturating_sub(place)).unwrap()..)).await.unwrap();
        }
        place = end;
    }
}

/// What the database does with what a sync tells.
fn keep(kept: &mut Vec<Segment>, told: Vec<Segment>) {
    for segment in told {
        kept.retain(|other| other.name != segment.name);
        kept.push(segment);
    }
}

async fn what_is_written_is_what_is_read(place: Place) {
    let staging = staging(&place);
    for size in SIZES {
        let mut writer = staging.begin(file(), 0, uuid()).await.unwrap();
        write(&mut writer, 0, size).await;
        let segments = writer.sync().await.unwrap();
        assert_eq!(segments.iter().map(|segment| segment.length).sum::<u64>(), size);
        assert!(segments.iter().all(|segment| segment.length > 0));
        assert_reads(staging.read(segments.clone()), 0, size).await;
        for _ in 0..2 {
            staging.remove(&segments).await.unwrap();
        }
        drop(writer);
        assert_eq!(staging.list().await.unwrap(), []);
    }
}

async fn what_is_synced_is_told_each_time(place: Place) {
    let staging = staging(&place);
    let mut writer = staging.begin(file(), 100, uuid()).await.unwrap();
    assert_eq!(writer.sync().await.unwrap(), []);
    let (mut kept, mut written) = (Vec::new(), 0);
    for length in [1, 0, 300_000, 9 * MIB, 5, 256 * 1024] {
        write(&mut writer, 100 + written, length).await;
        written += length;
        keep(&mut kept, writer.sync().await.unwrap());
        assert_eq!(kept[0].start, 100);
        assert_reads(staging.read(kept.clone()), 100, written).await;
    }
    // What is dropped after a sync is what was synced.
    write(&mut writer, 100 + written, 9 * MIB).await;
    drop(writer);
    assert_reads(staging.read(kept), 100, written).await;
}

async fn another_node_goes_on_where_the_first_was_cut_off(place: Place) {
    let (here, there) = (staging(&place), staging(&place));
    let file = file();
    let mut kept = Vec::new();
    let mut first = here.begin(file, 0, uuid()).await.unwrap();
    write(&mut first, 0, 5 * MIB + 3).await;
    keep(&mut kept, first.sync().await.unwrap());
    write(&mut first, 5 * MIB + 3, 4 * MIB).await;
    let mut second = there.begin(file, 5 * MIB + 3, uuid()).await.unwrap();
    write(&mut second, 5 * MIB + 3, 4 * MIB - 3).await;
    keep(&mut kept, second.sync().await.unwrap());
    drop((first, second));
    assert_eq!(kept.len(), 2);
    assert_reads(there.read(kept.clone()), 0, 9 * MIB).await;
    here.remove(&kept).await.unwrap();
    assert!(matches!(error_of(there.read(kept)).await, Error::NotFound(_)));
}

async fn two_writers_of_one_place_are_not_in_each_others_way(place: Place) {
    let staging = staging(&place);
    let file = file();
    let mut one = staging.begin(file, 0, uuid()).await.unwrap();
    let mut other = staging.begin(file, 0, uuid()).await.unwrap();
    for writer in [&mut other, &mut one] {
        writer.write(bytes(0, 300_000)).await.unwrap();
    }
    other.write(vec![0; 300_000].into()).await.unwrap();
    let kept = one.sync().await.unwrap();
    let lost = other.sync().await.unwrap();
    assert_reads(staging.read(kept.clone()), 0, 300_000).await;
    staging.remove(&lost).await.unwrap();
    assert_reads(staging.read(kept), 0, 300_000).await;
}

async fn what_nobody_was_told_of_is_not_read(place: Place) {
    let staging = staging(&place);
    let mut writer = staging.begin(file(), 0, uuid()).await.unwrap();
    write(&mut writer, 0, 300_000).await;
    drop(writer);
    support::eventually("what nobody was told of is gone", async || staging.list().await.unwrap().is_empty()).await;
    let early = FileId(uuid::Uuid::nil());
    assert!(matches!(staging.begin(early, 0, early.0).await, Err(Error::Name(_))), "its time could not be told");
}

async fn segments_that_do_not_fit_are_told(place: Place) {
    let staging = staging(&place);
    let mut writer = staging.begin(file(), 0, uuid()).await.unwrap();
    write(&mut writer, 0, 300_000).await;
    let whole = writer.sync().await.unwrap().remove(0);
    let mut writer = staging.begin(file(), 300_001, uuid()).await.unwrap();
    writer.write(bytes(300_001, 5)).await.unwrap();
    let behind = writer.sync().await.unwrap().remove(0);

    assert!(matches!(error_of(staging.read(vec![whole.clone(), behind])).await, Error::Range(_)));
    let long = Segment { length: 300_001, ..whole.clone() };
    let error = error_of(staging.read(vec![long])).await;
    assert!(matches!(error, Error::Length { .. }) && !error.is_temporary(), "{error:?}");
    let other = Segment { name: whole.name.replacen("_0_", "_1_", 1), ..whole.clone() };
    let error = error_of(staging.read(vec![whole.clone(), Segment { start: 300_000, ..other }])).await;
    assert!(matches!(error, Error::NotFound(_)) && !error.is_temporary(), "{error:?}");
    // What was not told yet may be there, and is not read.
    assert_reads(staging.read(vec![Segment { length: 299_999, ..whole }]), 0, 299_999).await;
    assert_reads(staging.read(vec![]), 0, 0).await;
}

async fn names_that_are_not_ours_are_refused(place: Place) {
    let staging = staging(&place);
    staging.identity(uuid()).await.unwrap();
    for name in ["", "identity", ".portreeve-staging", "../objects/x", "/etc/passwd", "a_0_b"] {
        assert!(matches!(staging.remove_named(name).await, Err(Error::Name(_))), "{name}");
        let segment = Segment { start: 0, length: 1, name: name.to_owned() };
        assert!(matches!(error_of(staging.read(vec![segment.clone()])).await, Error::Name(_)), "{name}");
        assert!(matches!(staging.remove(&[segment]).await, Err(Error::Name(_))), "{name}");
    }
}

async fn a_listing_tells_what_is_whose_and_since_when(place: Place) {
    let staging = staging(&place);
    staging.identity(uuid()).await.unwrap();
    let began = Clock::System.now();
    let mut names = Vec::new();
    for _ in 0..3 {
        let file = file();
        let mut writer = staging.begin(file, 7, uuid()).await.unwrap();
        writer.write(bytes(0, 3)).await.unwrap();
        names.push((writer.sync().await.unwrap().remove(0).name, file));
    }
    let mut listed = staging.list().await.unwrap();
    listed.sort_by(|one, other| one.began.cmp(&other.began).then(one.name.cmp(&other.name)));
    assert!(listed.iter().all(|staged| (staged.began - began).abs() < chrono::TimeDelta::minutes(1) && staged.began <= now()));
    names.sort();
    let mut found: Vec<_> = listed.into_iter().map(|staged| (staged.name, staged.file)).collect();
    found.sort();
    assert_eq!(found, names);
    for (name, _) in names {
        for _ in 0..2 {
            staging.remove_named(&name).await.unwrap();
        }
    }
    assert_eq!(staging.list().await.unwrap(), []);
}

async fn it_is_the_same_for_everybody_and_for_ever(place: Place) {
    let first = uuid();
    assert_eq!(staging(&place).known_identity().await.unwrap(), None);
    assert_eq!(staging(&place).identity(first).await.unwrap(), first);
    assert_eq!(staging(&place).known_identity().await.unwrap(), Some(first));
    for _ in 0..3 {
        assert_eq!(staging(&place).identity(uuid()).await.unwrap(), first);
    }
    assert_ne!(staging(&Place::folder()).identity(uuid()).await.unwrap(), first);
}

async fn a_check_leaves_all_as_it_was(place: Place) {
    let staging = staging(&place);
    staging.check(uuid()).await.unwrap();
    assert_eq!(staging.list().await.unwrap(), []);
    assert_eq!(staging.known_identity().await.unwrap(), None);
    assert_eq!(place.leftovers(), 0);
}
