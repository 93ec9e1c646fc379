//! Keeping: checkpoints, repairs of what is whole, sizes. Damaged rows have their own file.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::time::{Duration, Instant};

use common::{Home, keys};
use responsibility_index::testing::MemoryHome;
use responsibility_index::{Details, Durability, Index, OpenOptions};

fn rows_of(home: &MemoryHome, tag: u8) -> usize {
    home.rows().iter().filter(|(key, _)| key[0] == tag).count()
}

fn homes() -> [Home; 2] {
    [Home::memory(), Home::disk()]
}

#[test]
fn repairing_what_is_whole_changes_nothing() {
    for home in homes() {
        let index = home.open(&OpenOptions::new()).unwrap();
        index.batch().assign("t/2", ["A", "B"]).assign("t/1", ["B"]).commit().unwrap();
        let before = index.view();
        let repair = index.repair().unwrap();
        assert_eq!((repair.restored, repair.lost), (vec![], vec![]));
        assert_eq!((index.revision(), index.view().tasks()), (1, before.tasks()));
        assert_eq!(index.view().led_by("A").unwrap(), before.led_by("A").unwrap());
        index.assign("t/3", ["B"]).unwrap();
        assert_eq!(index.verify().unwrap(), []);
        drop(index);
        let index = home.open(&OpenOptions::new()).unwrap();
        assert_eq!((index.revision(), keys(&index.view().led_by("B").unwrap())), (2, keys(["t/1", "t/3"])));
    }
}

#[test]
fn a_checkpoint_leaves_nothing_to_replay_and_changes_no_answer() {
    for home in homes() {
        let index = home.open(&OpenOptions::new()).unwrap();
        for n in 0..200 {
            index.batch().assign(format!("t/{}", n % 90), ["A", &format!("U{}", n % 7)]).commit().unwrap();
        }
        let before = index.view();
        index.checkpoint().unwrap();
        index.checkpoint().unwrap();
        let stats = index.stats().unwrap();
        assert_eq!((stats.changes_since_checkpoint, stats.checkpoint, index.revision()), (0, 200, 200));
        assert!(stats.checkpoint_age.unwrap() < Duration::from_secs(60));
        assert_eq!((index.view().tasks(), index.verify().unwrap()), (before.tasks(), vec![]));
        drop((index, before));
        let index = home.open(&OpenOptions::new()).unwrap();
        let stats = index.stats().unwrap();
        assert_eq!((stats.changes_since_checkpoint, stats.checkpoint, stats.checkpoint_age), (0, 200, None));
        assert_eq!(index.view().led_by("A").unwrap().len(), 90);
        index.remove("t/5").unwrap();
        assert_eq!(index.stats().unwrap().changes_since_checkpoint, 1);
        index.checkpoint().unwrap();
        assert_eq!(index.verify().unwrap(), []);
        drop(index);
        assert_eq!(home.open(&OpenOptions::new()).unwrap().view().len(), 89);
    }
}

/// Waits for a checkpoint of the newest revision that nobody has asked for.
fn wait_for_checkpoint(index: &Index) -> Duration {
    let start = Instant::now();
    while index.stats().unwrap().checkpoint < index.revision() {
        assert!(start.elapsed() < Duration::from_secs(10), "no checkpoint came");
        std::thread::sleep(Duration::from_millis(1));
    }
    start.elapsed()
}

#[test]
fn a_checkpoint_is_written_in_the_background_after_so_many_changes() {
    let home = MemoryHome::new();
    let index = home.open(&OpenOptions::new().checkpoint_after(10)).unwrap();
    for round in 1..=5 {
        for n in 0..9 {
            index.assign(&format!("{round}/{n}"), ["A"]).unwrap();
        }
        // The first round creates a unit, which is a change, too.
        if round > 1 {
            assert!(index.stats().unwrap().checkpoint < index.revision());
            index.assign(&format!("{round}/9"), ["A"]).unwrap();
        }
        assert!(wait_for_checkpoint(&index) < Duration::from_millis(1_500));
    }
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn a_checkpoint_is_written_two_seconds_after_the_last_commit() {
    for home in homes() {
        let index = home.open(&OpenOptions::new()).unwrap();
        index.assign("t/1", ["A", "B"]).unwrap();
        let waited = wait_for_checkpoint(&index);
        assert!(waited > Duration::from_millis(1_500) && waited < Duration::from_secs(5), "{waited:?}");
        let stats = index.stats().unwrap();
        assert_eq!((stats.checkpoint, stats.changes_since_checkpoint, stats.troubles), (1, 0, vec![]));
    }
}

#[test]
fn a_checkpoint_leaves_no_rows_of_values_that_became_smaller() {
    let home = MemoryHome::new();
    let index = home.open(&OpenOptions::new()).unwrap();
    let many = |count: usize| (0..count).map(|n| format!("a unit with a rather long name {n}"));
    for n in 0..64 {
        index.assign(&format!("t/{n}"), many(200)).unwrap();
    }
    index.checkpoint().unwrap();
    let (large, lists) = (rows_of(&home, b't'), rows_of(&home, b'p'));
    assert!(large > 1 && lists > 0, "a block of several parts");
    for n in 0..64 {
        index.assign(&format!("t/{n}"), many(1)).unwrap();
    }
    index.checkpoint().unwrap();
    assert!(rows_of(&home, b't') < large);
    assert!(rows_of(&home, b'p') <= lists);
    assert_eq!(index.verify().unwrap(), []);
    drop(index);
    assert_eq!(home.open(&OpenOptions::new()).unwrap().view().len(), 64);
}

#[test]
fn stats_count_what_is_there() {
    let home = Home::disk();
    let index = home.open(&OpenOptions::new()).unwrap();
    index.batch().assign("t/2", ["A", "B"]).assign("t/3", ["B"]).add_alias("A", "Alpha").commit().unwrap();
    index.assign("t/1", ["C"]).unwrap();
    index.remove("t/3").unwrap();
    let stats = index.stats().unwrap();
    assert_eq!((stats.revision, stats.tasks, stats.units, stats.pairs), (3, 2, 3, 3));
    assert_eq!((stats.horizon, stats.troubles, stats.out_of_order), (0, vec![], 1));
    assert!(stats.bytes_on_disk > 0 && stats.bytes_in_memory > 0);
    let memory = Index::in_memory().stats().unwrap();
    assert_eq!((memory.revision, memory.tasks, memory.bytes_on_disk, memory.checkpoint), (0, 0, 0, 0));
}

#[test]
fn no_row_is_above_four_kibibytes_whatever_is_kept() {
    let home = MemoryHome::new();
    let index = home.open(&OpenOptions::new()).unwrap();
    let mut batch = index.batch();
    for n in 0..400 {
        let key = format!("{}/{n}", "k".repeat(500));
        batch = batch.assign(&key, (0..30).map(|unit| format!("{} {unit}", "n".repeat(250))));
        if n % 100 == 0 {
            batch = batch.set_details(&key, Details::titled("t".repeat(9_000)).text("x".repeat(100_000)));
        }
    }
    for n in 0..100 {
        batch = batch.add_alias(format!("{} 0", "n".repeat(250)), format!("{} {n}", "a".repeat(250)));
    }
    batch.note("w".repeat(10_000), "").commit().unwrap();
    index.checkpoint().unwrap();
    let rows = home.rows();
    assert!(rows.len() > 10, "{}", rows.len());
    assert!(rows.iter().all(|(key, value)| key.len() + value.len() <= 4096));
    drop(index);
    let index = home.open(&OpenOptions::new()).unwrap();
    assert_eq!((index.view().len(), index.verify().unwrap()), (400, vec![]));
    assert_eq!(index.view().details(&format!("{}/300", "k".repeat(500))).unwrap().unwrap().text.len(), 100_000);
}

/// The whole directory was in use as long as any view of the index was held.
#[test]
fn a_view_that_is_held_keeps_its_details_and_not_the_directory() {
    for home in homes() {
        let index = home.open(&OpenOptions::new()).unwrap();
        index.batch().assign("t/1", ["A"]).set_details("t/1", Details::titled("one")).commit().unwrap();
        let held = index.view();
        let led = index.view().led_by("A").unwrap();
        drop(index);
        let again = home.open(&OpenOptions::new()).unwrap();
        again.batch().assign("t/1", ["B"]).set_details("t/1", Details::titled("two")).commit().unwrap();
        again.checkpoint().unwrap();
        for _ in 0..2 {
            assert_eq!(held.details("t/1").unwrap(), Some(Details::titled("one")));
            assert_eq!((held.lead("t/1"), keys(&led)), (Some("A"), keys(["t/1"])));
            assert_eq!(led.tasks().next().unwrap().details().unwrap(), Some(Details::titled("one")));
        }
        assert_eq!(again.view().details("t/1").unwrap(), Some(Details::titled("two")));
        drop(again);
        assert_eq!(held.details("t/1").unwrap(), Some(Details::titled("one")));
        assert_eq!(home.open(&OpenOptions::new()).unwrap().revision(), 2);
    }
}

/// Details of commits that were not synced were said not to be in the log, since a log in memory shows what is synced.
#[test]
fn details_of_lazy_commits_are_answered_at_once_and_verified() {
    let lazy = OpenOptions::new().durability(Durability::Lazy);
    let indexes = homes().map(|home| (home.open(&lazy).unwrap(), Some(home)));
    for (index, _home) in indexes.into_iter().chain([(lazy.in_memory(), None)]) {
        index.assign("t/1", ["A"]).unwrap();
        index.batch().set_details("t/1", Details::titled("one")).commit().unwrap();
        assert_eq!(index.view().details("t/1").unwrap(), Some(Details::titled("one")));
        index.batch().set_details("t/1", Details::titled("two")).commit().unwrap();
        assert_eq!(index.verify().unwrap(), []);
        index.batch().set_details("t/1", Details::titled("three")).commit().unwrap();
        index.trim(3).unwrap();
        assert_eq!((index.revision(), index.view().details("t/1").unwrap()), (4, Some(Details::titled("three"))));
    }
}
