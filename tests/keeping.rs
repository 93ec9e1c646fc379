//! Keeping: checkpoints, verify, repair, stats. A memory store tampered with row by row: verify names the rule and the place.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::sync::Arc;

use common::{Home, keys};
use responsibility_index::store::MemoryStore;
use responsibility_index::verify::{Disagreement, Rule};
use responsibility_index::{Details, Index, OpenOptions};

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// An index with every kind of row: checkpoints, with details, and a log after the last one.
fn index() -> (Arc<MemoryStore>, Index) {
    let store = Arc::new(MemoryStore::new());
    let index = OpenOptions::new().open_store(Arc::clone(&store) as _).unwrap();
    let mut batch = index.batch();
    batch.assign("t/1", ["A", "B"]).assign("t/2", ["B", "C"]).set_details("t/1", Details::titled("one"));
    batch.commit().unwrap();
    index.checkpoint().unwrap();
    index.assign("t/3", ["A", "C"]).unwrap();
    assert_eq!(index.verify().unwrap(), []);
    (store, index)
}

fn rows_of(store: &MemoryStore, tag: u8) -> Rows {
    store.rows().into_iter().filter(|(key, _)| key[0] == tag).collect()
}

/// Verifies after one row was replaced or taken away.
fn found(tag: u8, place: usize, value: impl Fn(&Rows, &[u8]) -> Option<Vec<u8>>) -> Vec<Disagreement> {
    let (store, index) = index();
    let rows = rows_of(&store, tag);
    let (key, before) = &rows[place];
    store.tamper(key, value(&rows, before));
    let found = index.verify().unwrap();
    assert_eq!(index.view().len(), 3, "verify changes nothing");
    found
}

fn flipped(_: &Rows, value: &[u8]) -> Option<Vec<u8>> {
    let mut value = value.to_vec();
    *value.last_mut().unwrap() ^= 1;
    Some(value)
}

fn gone(_: &Rows, _: &[u8]) -> Option<Vec<u8>> {
    None
}

fn rules(found: &[Disagreement]) -> Vec<Rule> {
    found.iter().map(|disagreement| disagreement.rule).collect()
}

/// One finding at least that says what it should; each is put into words for a person.
fn assert_told(found: &[Disagreement], allowed: &[Rule], named: &str) {
    assert!(!found.is_empty(), "nothing found");
    assert!(rules(found).iter().any(|rule| allowed.contains(rule)), "{found:?}");
    assert!(found.iter().any(|one| one.to_string().contains(named)), "{found:?} doesn't name {named:?}");
    assert!(found.iter().all(|one| one.to_string().contains(&one.rule.to_string())));
}

#[test]
fn any_row_that_was_changed_is_found_and_named() {
    let unreadable = [Rule::RowsAreReadable, Rule::DirectionsAgree, Rule::LogIsWhole, Rule::DetailsAreThere];
    for (tag, name) in [(b'h', "header"), (b'u', "unit"), (b't', "task block"), (b'p', "posting"), (b'd', "details")] {
        let (store, _) = index();
        for place in 0..rows_of(&store, tag).len() {
            assert_told(&found(tag, place, flipped), &unreadable, name);
        }
    }
    assert_told(&found(b'l', 1, flipped), &[Rule::LogIsWhole, Rule::RowsAreReadable], "log 2");
}

#[test]
fn any_row_that_is_missing_is_found() {
    for tag in [b'h', b'u', b't', b'p', b'd'] {
        let (store, _) = index();
        for place in 0..rows_of(&store, tag).len() {
            let found = found(tag, place, gone);
            assert!(!found.is_empty(), "row {place} of kind {}", char::from(tag));
        }
    }
    assert_told(&found(b'l', 1, gone), &[Rule::LogIsWhole], "");
}

#[test]
fn a_unit_row_that_lacks_a_task_breaks_the_rule_of_two_directions_and_names_both() {
    let found = found(b'p', 0, gone);
    assert_told(&found, &[Rule::DirectionsAgree], "t/1");
    assert_eq!((found[0].rule, found[0].key.as_str()), (Rule::DirectionsAgree, "A"));
}

#[test]
fn details_that_are_gone_are_named_by_their_task() {
    let found = found(b'd', 0, gone);
    assert_told(&found, &[Rule::DetailsAreThere], "details");
    assert!(found.iter().any(|one| one.key == "t/1"), "{found:?}");
}

/// Rows that are whole in themselves, of another index: only comparing finds them.
#[test]
fn rows_of_another_history_are_found_by_comparing() {
    let (store, index) = index();
    let (other, twin) = (Arc::new(MemoryStore::new()), OpenOptions::new());
    let twin = twin.open_store(Arc::clone(&other) as _).unwrap();
    let mut batch = twin.batch();
    // Units come in in the same order, so that they have the same numbers.
    batch.assign("t/1", ["A", "B", "C"]).remove_supporting("t/1", "B").assign("t/2", ["B", "C"]);
    batch.set_details("t/1", Details::titled("one")).commit().unwrap();
    twin.checkpoint().unwrap();
    twin.assign("t/3", ["A", "B"]).unwrap();
    for tag in [b't', b'p', b'l'] {
        let before = rows_of(&store, tag);
        for (key, value) in rows_of(&other, tag) {
            store.tamper(&key, Some(value));
        }
        let found = index.verify().unwrap();
        let allowed =
            [Rule::DirectionsAgree, Rule::ViewAgrees, Rule::CountsAgree, Rule::LogIsWhole, Rule::RowsAreReadable];
        assert_told(&found, &allowed, "");
        rows_of(&store, tag).iter().for_each(|(key, _)| store.tamper(key, None));
        before.into_iter().for_each(|(key, value)| store.tamper(&key, Some(value)));
        assert_eq!(index.verify().unwrap(), []);
    }
}

#[test]
fn repair_brings_back_what_memory_has_of_both_directions() {
    for tag in [b'u', b't', b'p', b'h'] {
        for damage in [flipped, gone] {
            let (store, index) = index();
            let rows = rows_of(&store, tag);
            let (key, value) = &rows[0];
            store.tamper(key, damage(&rows, value));
            assert!(!index.verify().unwrap().is_empty());
            index.repair().unwrap();
            assert_eq!(index.verify().unwrap(), [], "row of kind {}", char::from(tag));
            assert_eq!(index.revision(), 2, "a repair is no commit");
            drop(index);
            let index = OpenOptions::new().open_store(store as _).unwrap();
            assert_eq!((keys(&index.led_by("A").unwrap()), index.view().len()), (keys(["t/1", "t/3"]), 3));
            assert_eq!(index.details("t/1").unwrap(), Some(Details::titled("one")));
        }
    }
}

#[test]
fn repairing_what_is_whole_changes_no_answer() {
    for home in [Home::memory(), Home::disk()] {
        let index = home.open(&OpenOptions::new()).unwrap();
        index.batch().assign("t/2", ["A", "B"]).assign("t/1", ["B"]).commit().unwrap();
        let before = index.view();
        index.repair().unwrap();
        assert_eq!((index.revision(), index.view().tasks()), (1, before.tasks()));
        assert_eq!(index.led_by("A").unwrap(), before.led_by("A").unwrap());
        index.assign("t/3", ["B"]).unwrap();
        assert_eq!(index.verify().unwrap(), []);
        // A view that is held keeps its directory in use.
        drop((index, before));
        let index = home.open(&OpenOptions::new()).unwrap();
        assert_eq!((index.revision(), keys(&index.led_by("B").unwrap())), (2, keys(["t/1", "t/3"])));
    }
}

#[test]
fn a_fold_empties_the_log_to_be_replayed_and_changes_no_answer() {
    for home in [Home::memory(), Home::disk()] {
        let index = home.open(&OpenOptions::new()).unwrap();
        for n in 0..200 {
            index.batch().assign(format!("t/{}", n % 90), ["A", &format!("U{}", n % 7)]).commit().unwrap();
        }
        let before = index.view();
        assert!(index.stats().unwrap().changes_since_checkpoint >= 200);
        index.checkpoint().unwrap();
        index.checkpoint().unwrap();
        assert_eq!((index.stats().unwrap().changes_since_checkpoint, index.revision()), (0, before.revision()));
        assert_eq!((index.view().tasks(), index.verify().unwrap()), (before.tasks(), vec![]));
        drop((index, before));
        let index = home.open(&OpenOptions::new()).unwrap();
        assert_eq!((index.stats().unwrap().changes_since_checkpoint, index.led_by("A").unwrap().len()), (0, 90));
        index.unassign("t/5").unwrap();
        index.checkpoint().unwrap();
        assert_eq!(index.verify().unwrap(), []);
        drop(index);
        assert_eq!(home.open(&OpenOptions::new()).unwrap().view().len(), 89);
    }
}

#[test]
fn commits_fold_by_themselves_when_the_log_reaches_its_bound() {
    let store = Arc::new(MemoryStore::new());
    let index = OpenOptions::new().checkpoint_after(10).open_store(Arc::clone(&store) as _).unwrap();
    let mut checkpoints = 0;
    let mut last = 0;
    for n in 0..100 {
        index.assign(&format!("t/{n}"), ["A"]).unwrap();
        let changes = index.stats().unwrap().changes_since_checkpoint;
        assert!(changes < 10, "{changes}");
        checkpoints += usize::from(changes < last);
        last = changes;
    }
    assert!(checkpoints >= 9, "{checkpoints}");
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn a_checkpoint_leaves_no_rows_of_values_that_became_smaller() {
    let store = Arc::new(MemoryStore::new());
    let index = OpenOptions::new().open_store(Arc::clone(&store) as _).unwrap();
    let many = |count: usize| (0..count).map(|n| format!("a unit with a rather long name {n}"));
    for n in 0..64 {
        index.assign(&format!("t/{n}"), many(200)).unwrap();
    }
    index.checkpoint().unwrap();
    let large = rows_of(&store, b't').len();
    assert!(large > 1, "a block of several parts");
    for n in 0..64 {
        index.assign(&format!("t/{n}"), many(1)).unwrap();
    }
    index.checkpoint().unwrap();
    assert!(rows_of(&store, b't').len() < large);
    assert_eq!(rows_of(&store, b'p').len(), 1, "units without tasks have no rows of them");
    assert_eq!(index.verify().unwrap(), []);
    drop(index);
    assert_eq!(OpenOptions::new().open_store(store as _).unwrap().view().len(), 64);
}

#[test]
fn stats_count_what_is_there() {
    let home = Home::disk();
    let index = home.open(&OpenOptions::new()).unwrap();
    index.batch().assign("t/2", ["A", "B"]).assign("t/3", ["B"]).add_alias("A", "Alpha").commit().unwrap();
    index.assign("t/1", ["C"]).unwrap();
    index.unassign("t/3").unwrap();
    let stats = index.stats().unwrap();
    assert_eq!((stats.revision, stats.tasks, stats.units, stats.pairs), (3, 2, 3, 3));
    assert_eq!((stats.changes_since_checkpoint, stats.out_of_order), (8, 1));
    assert!(stats.bytes_on_disk > 0 && stats.bytes_in_memory > 0);
    let memory = Index::in_memory().stats().unwrap();
    assert_eq!((memory.revision, memory.tasks, memory.bytes_on_disk), (0, 0, 0));
}

#[test]
fn no_row_is_above_four_kibibytes_whatever_is_kept() {
    let store = Arc::new(MemoryStore::new());
    let index = OpenOptions::new().open_store(Arc::clone(&store) as _).unwrap();
    let mut batch = index.batch();
    for n in 0..400 {
        let key = format!("{}/{n}", "k".repeat(500));
        batch.assign(&key, (0..30).map(|unit| format!("{} {unit}", "n".repeat(250))));
        if n % 100 == 0 {
            batch.set_details(&key, Details::titled("t".repeat(9_000)).text("x".repeat(100_000)));
        }
    }
    for n in 0..100 {
        batch.add_alias(format!("{} 0", "n".repeat(250)), format!("{} {n}", "a".repeat(250)));
    }
    batch.note("w".repeat(10_000), "").commit().unwrap();
    index.checkpoint().unwrap();
    let rows = store.rows();
    assert!(rows.len() > 100);
    assert!(rows.iter().all(|(key, value)| key.len() + value.len() <= 4096));
    drop(index);
    let index = OpenOptions::new().open_store(store as _).unwrap();
    assert_eq!((index.view().len(), index.verify().unwrap()), (400, vec![]));
}
