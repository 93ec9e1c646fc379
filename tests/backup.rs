//! Backups: a whole index with its past and its details, made while others commit.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use common::{Home, listing};
use responsibility_index::error::OpenError;
use responsibility_index::{Details, Durability, Error, Index, OpenOptions, View, testing};

fn fill(index: &Index) {
    let mut load = index.bulk_load();
    for n in 0..700 {
        let details = if n % 20 == 0 { Details::titled(format!("loaded {n}")) } else { Details::default() };
        load.add_with(&format!("plan/{n}"), ["A", "B", "C"], details).unwrap();
    }
    load.commit().unwrap();
    index.batch().rename_unit("A", "Z").commit().unwrap();
    index.batch().set_details("plan/7", Details::titled("seven").text("x".repeat(1 << 20))).commit().unwrap();
    index.remove("plan/9").unwrap();
    index.batch().set_details("plan/7", Details::titled("seven again")).commit().unwrap();
    index.assign("late", ["B", "New"]).unwrap();
}

fn exported(view: &View) -> String {
    let mut lines = Vec::new();
    testing::export(view, &mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

#[test]
fn a_backup_has_the_export_the_past_and_the_details_of_the_index() {
    for home in [Home::memory(), Home::disk()] {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("copy.ri");
        let index = home.open(&OpenOptions::new()).unwrap();
        fill(&index);
        assert_eq!(index.backup(&path).unwrap(), 6);
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1, "nothing else is left behind");
        let files = listing(&path);
        assert!(files.contains_key("FORMAT") && files.contains_key("log/id"), "{:?}", files.keys());
        assert!(!files.keys().any(|name| name.starts_with("rows/")), "{:?}", files.keys());
        let copy = Index::open(&path).unwrap();
        for revision in 0..=6 {
            let at = |index| exported(&testing::view_at(index, revision).unwrap());
            assert!(at(&copy) == at(&index), "revision {revision}");
        }
        assert!(exported(&copy.view()) == exported(&index.view()));
        let old = testing::view_at(&copy, 3).unwrap();
        assert_eq!(old.details("plan/7").unwrap().unwrap().text.len(), 1 << 20);
        assert_eq!(copy.verify().unwrap(), []);
        // Each goes its own way.
        copy.assign("only/in/the/copy", ["B"]).unwrap();
        index.assign("only/in/the/index", ["B"]).unwrap();
        drop(copy);
        let copy = Index::open(&path).unwrap();
        assert_eq!((copy.view().len(), copy.verify().unwrap()), (701, vec![]));
        assert_eq!((copy.lead("only/in/the/index"), index.lead("only/in/the/copy")), (None, None));
    }
}

#[test]
fn a_backup_is_another_index_and_its_log_is_not_taken_for_the_one_it_was_made_of() {
    let scratch = tempfile::tempdir().unwrap();
    let (path, copy) = (scratch.path().join("plan.ri"), scratch.path().join("copy.ri"));
    let index = Index::open(&path).unwrap();
    fill(&index);
    index.backup(&copy).unwrap();
    drop(index);
    fs::remove_dir_all(path.join("log")).unwrap();
    fs::rename(copy.join("log"), path.join("log")).unwrap();
    assert!(matches!(Index::open(&path), Err(Error::Log(_))));
}

#[test]
fn a_backup_never_replaces_anything() {
    let scratch = tempfile::tempdir().unwrap();
    let index = Index::in_memory();
    fill(&index);
    let path = scratch.path().join("copy.ri");
    fs::write(&path, "mine").unwrap();
    assert!(matches!(index.backup(&path), Err(Error::Open(OpenError::Exists { path: told })) if told == path));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    fs::remove_file(&path).unwrap();
    let unfinished = scratch.path().join("copy.ri.unfinished");
    fs::create_dir(&unfinished).unwrap();
    assert!(matches!(index.backup(&path), Err(Error::Open(OpenError::Exists { path: told })) if told == unfinished));
    fs::remove_dir(&unfinished).unwrap();
    index.backup(&path).unwrap();
    assert!(matches!(index.backup(&path), Err(Error::Open(OpenError::Exists { .. }))));
    assert_eq!(Index::open(&path).unwrap().revision(), 6);
}

#[test]
fn a_backup_of_an_empty_index_is_an_empty_index() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("copy.ri");
    assert_eq!(Index::in_memory().backup(&path).unwrap(), 0);
    let copy = OpenOptions::new().create(false).open(&path).unwrap();
    assert_eq!((copy.revision(), copy.view().len(), copy.verify().unwrap()), (0, 0, vec![]));
}

#[test]
fn a_backup_is_of_one_revision_while_others_commit() {
    for home in [Home::memory(), Home::disk()] {
        let scratch = tempfile::tempdir().unwrap();
        let index = home.open(&OpenOptions::new().durability(Durability::Lazy).checkpoint_after(50)).unwrap();
        fill(&index);
        let stop = AtomicBool::new(false);
        thread::scope(|threads| {
            let writer = threads.spawn(|| {
                for n in 0.. {
                    // Both or neither, in every revision.
                    let units = [format!("unit {}", n % 10), "B".to_owned()];
                    let details = Details::titled(format!("commit {n}"));
                    let mut batch = index.batch();
                    batch = batch.assign("a", units.clone()).assign("b", units);
                    batch.set_details("a", details.clone()).set_details("b", details).commit().unwrap();
                    if stop.load(Ordering::Relaxed) {
                        return n;
                    }
                    // Without a pause the log grows faster than it is copied and verified.
                    thread::sleep(Duration::from_millis(1));
                }
                0
            });
            let mut last = 0;
            for n in 0..4 {
                while index.revision() <= last {
                    thread::yield_now();
                }
                let path = scratch.path().join(format!("copy-{n}.ri"));
                let revision = index.backup(&path).unwrap();
                assert!(revision > last, "{revision} after {last}");
                last = revision;
                let copy = Index::open(&path).unwrap();
                assert_eq!((copy.revision(), copy.verify().unwrap()), (revision, vec![]));
                assert_eq!(copy.view().assignment("a"), copy.view().assignment("b"));
                assert_eq!(copy.view().details("a").unwrap(), copy.view().details("b").unwrap());
                let then = testing::view_at(&index, revision).unwrap();
                assert!(exported(&copy.view()) == exported(&then));
            }
            stop.store(true, Ordering::Relaxed);
            assert!(writer.join().unwrap() > 0);
        });
    }
}
