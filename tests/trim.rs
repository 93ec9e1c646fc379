//! Trims: the past before a revision goes, and nothing of the present.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::fs;

use common::Home;
use responsibility_index::error::LogError;
use responsibility_index::{Details, Durability, Error, Index, InputError, OpenOptions, UnitKind, testing};

/// Ten revisions: assignments, units, and details that are replaced.
fn fill(index: &Index) {
    for n in 1..=4 {
        index.batch().assign(format!("t/{n}"), ["A", "B"]).set_details(format!("t/{n}"), details(n)).commit().unwrap();
    }
    index.batch().set_details("t/1", details(50)).commit().unwrap();
    index.assign("t/2", ["B"]).unwrap();
    index.remove("t/3").unwrap();
    index.batch().rename_unit("A", "Z").create_unit("C", UnitKind::Collective).commit().unwrap();
    index.batch().set_details("t/1", details(60)).commit().unwrap();
    index.batch().assign("t/3", ["C", "Z"]).set_details("t/3", details(70)).commit().unwrap();
    assert_eq!(index.revision(), 10);
}

fn details(n: u64) -> Details {
    Details::titled(format!("title {n}")).text("long text ".repeat(20))
}

fn exported(index: &Index) -> String {
    let mut lines = Vec::new();
    index.export_jsonl(&mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

fn exported_at(index: &Index, revision: u64) -> String {
    let mut lines = Vec::new();
    testing::export(&testing::view_at(index, revision).unwrap(), &mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

fn homes() -> [Home; 2] {
    [Home::memory(), Home::disk()]
}

fn remove_rows(home: &Home) {
    match home {
        Home::Memory(home) => home.remove_rows(),
        Home::Disk(directory) => fs::remove_dir_all(directory.path().join("index/rows")).unwrap(),
    }
}

#[test]
fn a_trim_at_any_revision_keeps_every_current_answer_and_opens_from_the_log_alone() {
    for home in homes().iter().map(|home| matches!(home, Home::Disk(_))) {
        for up_to in 0..=10 {
            let home = if home { Home::disk() } else { Home::memory() };
            let index = home.open(&OpenOptions::new()).unwrap();
            fill(&index);
            let expected = exported(&index);
            let past = exported_at(&index, up_to.max(7));
            index.trim(up_to).unwrap();
            let check = |index: &Index| {
                assert_eq!((exported(index), index.revision()), (expected.clone(), 10), "trimmed at {up_to}");
                assert_eq!(exported_at(index, up_to.max(7)), past, "trimmed at {up_to}");
                assert_eq!(index.verify().unwrap(), []);
            };
            check(&index);
            drop(index);
            check(&home.open(&OpenOptions::new()).unwrap());
            remove_rows(&home);
            let index = home.open(&OpenOptions::new()).unwrap();
            check(&index);
            index.assign("t/9", ["B", "C"]).unwrap();
            index.batch().set_details("t/9", details(9)).commit().unwrap();
            drop(index);
            remove_rows(&home);
            let index = home.open(&OpenOptions::new()).unwrap();
            assert_eq!((index.revision(), index.view().details("t/9").unwrap()), (12, Some(details(9))));
            assert_eq!(index.verify().unwrap(), []);
        }
    }
}

#[test]
fn a_trim_above_the_newest_revision_is_refused_and_one_below_the_last_changes_nothing() {
    for home in homes() {
        let index = home.open(&OpenOptions::new()).unwrap();
        fill(&index);
        let error = index.trim(11).unwrap_err();
        assert!(matches!(error, Error::Input(InputError::NoSuchRevision { asked: 11, newest: 10 })), "{error}");
        index.trim(8).unwrap();
        let horizon = index.horizon().unwrap();
        index.trim(8).unwrap();
        index.trim(3).unwrap();
        assert_eq!(index.horizon().unwrap(), horizon);
        index.trim(10).unwrap();
        assert!(index.horizon().unwrap() >= horizon);
        assert_eq!(index.verify().unwrap(), []);
    }
}

#[test]
fn in_memory_the_past_is_gone_at_once() {
    let index = Index::in_memory();
    fill(&index);
    let held = testing::view_at(&index, 5).unwrap();
    let newest = index.view();
    assert_eq!(index.horizon().unwrap(), 0);
    index.trim(9).unwrap();
    assert_eq!((index.horizon().unwrap(), index.stats().unwrap().horizon), (9, 9));
    assert!(matches!(testing::view_at(&index, 8), Err(Error::Log(LogError::Trimmed { asked: 8, oldest: 9 }))));
    assert!(testing::view_at(&index, 9).is_ok());
    // The view stays; its replaced details are said to be trimmed, and are not taken for none.
    assert_eq!(held.lead("t/1"), Some("A"));
    assert!(matches!(held.details("t/1"), Err(Error::Log(LogError::Trimmed { .. }))));
    assert_eq!(held.details("t/2").unwrap(), Some(details(2)));
    assert_eq!(newest.details("t/1").unwrap(), Some(details(60)));
    assert_eq!(index.verify().unwrap(), []);
}

/// A log in files removes whole segments of 64 MiB.
#[test]
fn on_disk_whole_segments_are_removed_with_the_details_in_them() {
    let home = Home::disk();
    let index = home.open(&OpenOptions::new().durability(Durability::Lazy)).unwrap();
    let large = |n: u64| Details::titled(format!("title {n}")).text("x".repeat(1 << 20));
    index.batch().assign("kept", ["A"]).set_details("kept", large(0)).commit().unwrap();
    for n in 1..=134 {
        index.batch().assign("replaced", ["A", "B"]).set_details("replaced", large(n)).commit().unwrap();
    }
    let held = testing::view_at(&index, 2).unwrap();
    assert_eq!(held.details("replaced").unwrap().unwrap().title, "title 1");
    let before = index.stats().unwrap().bytes_on_disk;
    index.trim(134).unwrap();
    let (after, horizon) = (index.stats().unwrap().bytes_on_disk, index.horizon().unwrap());
    assert!(after + (100 << 20) < before, "{before} bytes, then {after}");
    assert_eq!(horizon, 134);
    assert!(matches!(testing::view_at(&index, 5), Err(Error::Log(LogError::Trimmed { .. }))));
    assert!(matches!(held.details("replaced"), Err(Error::Log(LogError::Trimmed { .. }))));
    assert_eq!(held.details("kept").unwrap().unwrap().title, "title 0");
    assert_eq!(index.view().details("replaced").unwrap().unwrap().title, "title 134");
    assert_eq!(index.verify().unwrap(), []);
    drop(index);
    remove_rows(&home);
    let index = home.open(&OpenOptions::new()).unwrap();
    assert_eq!((index.revision(), index.horizon().unwrap()), (135, 134));
    assert_eq!(index.view().details("kept").unwrap(), Some(large(0)));
    assert_eq!(index.view().details("replaced").unwrap(), Some(large(134)));
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn a_backup_of_a_trimmed_index_is_whole() {
    for home in homes() {
        let scratch = tempfile::tempdir().unwrap();
        let index = home.open(&OpenOptions::new()).unwrap();
        fill(&index);
        index.trim(7).unwrap();
        index.assign("t/8", ["C"]).unwrap();
        let path = scratch.path().join("copy.ri");
        assert_eq!(index.backup(&path).unwrap(), 11);
        let copy = Index::open(&path).unwrap();
        assert_eq!((exported(&copy), copy.revision()), (exported(&index), 11));
        assert_eq!(exported_at(&copy, 8), exported_at(&index, 8));
        assert_eq!(copy.verify().unwrap(), []);
    }
}
