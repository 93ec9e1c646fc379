//! Damaged rows: each is found with its key, none becomes a wrong answer, and what the other direction and the log
//! have is restored.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly where something is not as it should be"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use responsibility_index::error::Corrupt;
use responsibility_index::store::MemoryStore;
use responsibility_index::verify::{Disagreement, Rule};
use responsibility_index::{Assignment, Details, Error, Index, OpenOptions, UnitKind};

const TASKS: u32 = 200;

fn open(store: &Arc<MemoryStore>) -> Result<Index, Error> {
    OpenOptions::new().open_store(store.clone())
}

/// An index of a few blocks, all of it by commits or most of it by a bulk load, with a checkpoint and some commits after that.
fn filled(bulk: bool) -> (Arc<MemoryStore>, Index) {
    let store = Arc::new(MemoryStore::new());
    let index = open(&store).unwrap();
    let units = |n: u32| [format!("unit {}", n % 7), format!("unit {}", n % 5 + 7)];
    if bulk {
        let mut load = index.load();
        (1..=TASKS).for_each(|n| load.add(&format!("plan/{n}"), units(n)).unwrap());
        load.commit().unwrap();
    } else {
        for n in 1..=TASKS {
            index.batch().assign(format!("plan/{n}"), units(n)).commit().unwrap();
        }
    }
    index.add_alias("unit 3", "three").unwrap();
    index.create_unit("the joint conference", UnitKind::Collective).unwrap();
    index.set_details("plan/7", Details::titled("seven")).unwrap();
    index.assign("plan/8", ["unit 8", "unit 1", "three"]).unwrap();
    index.assign("late/1", ["unit 2"]).unwrap();
    index.rename_unit("unit 4", "the fourth unit").unwrap();
    index.checkpoint().unwrap();
    index.assign("late/2", ["unit 3", "unit 2"]).unwrap();
    index.unassign("plan/9").unwrap();
    (store, index)
}

type Facts = BTreeMap<String, Assignment>;

fn facts(index: &Index) -> Facts {
    let view = index.view();
    view.tasks().tasks().map(|task| (task.key().to_owned(), task.assignment())).collect()
}

fn keys_of(store: &MemoryStore, tag: u8) -> Vec<Vec<u8>> {
    store.rows().into_iter().map(|(key, _)| key).filter(|key| key[0] == tag).collect()
}

fn flip(store: &MemoryStore, key: &[u8]) {
    let (_, mut value) = store.rows().into_iter().find(|(other, _)| other == key).unwrap();
    let last = value.len() - 1;
    value[last] ^= 1;
    store.tamper(key, Some(value));
}

fn of(findings: &[Disagreement], rule: Rule) -> Vec<&str> {
    findings.iter().filter(|found| found.rule == rule).map(|found| found.key.as_str()).collect()
}

#[test]
fn verify_names_every_damaged_row_not_only_the_first() {
    let (store, index) = filled(false);
    assert_eq!(index.verify().unwrap(), []);
    let blocks = keys_of(&store, b't');
    flip(&store, &blocks[0]);
    flip(&store, &blocks[2]);
    store.tamper(&keys_of(&store, b'u')[3], None);
    flip(&store, &keys_of(&store, b'p')[5]);
    flip(&store, &keys_of(&store, b'l')[10]);
    flip(&store, &keys_of(&store, b'l')[20]);
    store.tamper(&keys_of(&store, b'd')[0], None);
    let found = index.verify().unwrap();
    let unreadable = [
        "unit 3 (generation 0)",
        "task block 0 (generation 0)",
        "task block 2 (generation 0)",
        "posting support of unit 3 (generation 0)",
    ];
    assert_eq!(of(&found, Rule::RowsAreReadable), unreadable, "{found:#?}");
    assert_eq!(of(&found, Rule::LogIsWhole), ["log 11", "log 21"]);
    assert_eq!(of(&found, Rule::DetailsAreThere), ["plan/7"]);
}

#[test]
fn an_open_index_restores_its_rows_from_its_view() {
    let (store, index) = filled(true);
    let before = facts(&index);
    for tag in [b'h', b'u', b't', b'p'] {
        keys_of(&store, tag).iter().for_each(|key| flip(&store, key));
    }
    assert!(matches!(open(&store), Err(Error::Corrupt(_))));
    let repair = index.repair().unwrap();
    assert!(!repair.restored.is_empty());
    assert_eq!(repair.lost, []);
    assert_eq!(index.verify().unwrap(), []);
    drop(index);
    assert_eq!(facts(&open(&store).unwrap()), before);
}

#[test]
fn a_repair_says_what_it_could_not_restore() {
    let (store, index) = filled(true);
    flip(&store, &keys_of(&store, b'l')[0]);
    flip(&store, &keys_of(&store, b'd')[0]);
    let repair = index.repair().unwrap();
    assert_eq!(of(&repair.lost, Rule::LogIsWhole), ["log 1"]);
    assert_eq!(of(&repair.lost, Rule::DetailsAreThere), ["plan/7"]);
    assert!(matches!(index.details("plan/7"), Err(Error::Corrupt(Corrupt::Row { .. }))));
}

#[test]
fn a_log_without_a_bulk_load_restores_everything() {
    for tags in [&b"h"[..], b"u", b"t", b"p", b"hutp"] {
        let (store, index) = filled(false);
        let before = facts(&index);
        let revision = index.revision();
        drop(index);
        for tag in tags {
            keys_of(&store, *tag).iter().for_each(|key| flip(&store, key));
        }
        assert!(matches!(open(&store), Err(Error::Corrupt(_))));
        let (index, repair) = OpenOptions::new().repair_store(store.clone()).unwrap();
        assert_eq!(repair.lost, []);
        assert!(!repair.restored.is_empty());
        assert_eq!((facts(&index), index.revision()), (before.clone(), revision));
        assert_eq!(index.view().unit("three").unwrap().name(), "unit 3");
        drop(index);
        assert_eq!(facts(&open(&store).unwrap()), before);
    }
}

#[test]
fn damaged_blocks_after_a_bulk_load_lose_only_what_no_log_row_has() {
    let (store, index) = filled(true);
    let before = facts(&index);
    drop(index);
    // Sorted at the load: the first block has plan/1 to plan/64.
    flip(&store, &keys_of(&store, b't')[0]);
    let (index, repair) = OpenOptions::new().repair_store(store.clone()).unwrap();
    let after = facts(&index);
    let in_log = ["plan/7", "plan/8"];
    for (key, assignment) in &before {
        let number: Option<u32> = key.strip_prefix("plan/").map(|n| n.parse().unwrap());
        let lost = number.is_some_and(|n| n <= 64) && !in_log.contains(&key.as_str());
        assert_eq!(after.get(key), (!lost).then_some(assignment), "{key}");
    }
    assert!(after.keys().all(|key| before.contains_key(key)), "a repair invents no task");
    let named = repair.lost.iter().filter(|lost| lost.key.starts_with("task number")).count();
    assert_eq!(named, 62, "plan/7 and plan/8 are in the log: {:#?}", repair.lost);
    assert!(repair.lost.iter().any(|lost| lost.key == "task number 0" && lost.what.contains("led by \"unit 1\"")));
    assert!(repair.lost.iter().any(|lost| lost.key.starts_with("task block 0") && lost.what.contains("62")));
}

#[test]
fn a_lost_unit_name_is_not_guessed() {
    let (store, index) = filled(true);
    let before = facts(&index);
    drop(index);
    let units = keys_of(&store, b'u');
    // A name that only the load had, one that the log renamed, and one that the log created.
    for at in [2, 4, 12] {
        flip(&store, &units[at]);
    }
    let (index, repair) = OpenOptions::new().repair_store(store.clone()).unwrap();
    assert_eq!(facts(&index).len(), before.len());
    let lost: Vec<&str> = repair.lost.iter().map(|lost| lost.key.as_str()).collect();
    assert_eq!(lost, ["unit 2 (generation 1)", "unit 4 (generation 1)"], "{:#?}", repair.lost);
    assert!(index.view().unit("the joint conference").is_ok(), "{:?}", index.view().units().collect::<Vec<_>>());
}

#[test]
fn commits_after_a_damaged_one_are_not_applied_and_said_to_be_lost() {
    let (store, index) = filled(true);
    let revision = index.revision();
    drop(index);
    let log = keys_of(&store, b'l');
    flip(&store, &log[log.len() - 2]);
    assert!(matches!(open(&store), Err(Error::Corrupt(Corrupt::Row { .. }))));
    let (index, repair) = OpenOptions::new().repair_store(store.clone()).unwrap();
    assert_eq!(index.lead("late/2"), None);
    assert!(index.lead("plan/9").is_some(), "what was decided after it is not applied");
    assert_eq!(index.revision(), revision, "numbers of commits are not given twice");
    assert!(repair.lost.iter().any(|lost| lost.key == format!("log {}", revision - 1)), "{:#?}", repair.lost);
    assert_eq!(index.assign("late/3", ["unit 1"]).unwrap(), None);
    drop(index);
    assert_eq!(open(&store).unwrap().lead("late/3").as_deref(), Some("unit 1"));
}

#[test]
fn no_single_flipped_or_missing_row_is_a_wrong_answer() {
    for bulk in [false, true] {
        let (store, index) = filled(bulk);
        let (right, revision) = (facts(&index), index.revision());
        drop(index);
        // Of the many rows of the log some are enough.
        let rows = store.rows().into_iter().enumerate().filter(|(n, (key, _))| key[0] != b'l' || n % 9 == 0);
        for (key, value) in rows.map(|(_, row)| row) {
            for at in [None, Some(0), Some(3), Some(value.len() - 1)] {
                let damaged = at.map(|at| {
                    let mut value = value.clone();
                    value[at] ^= 0x10;
                    value
                });
                store.tamper(&key, damaged);
                match open(&store) {
                    Err(Error::Corrupt(_)) => {}
                    Err(other) => panic!("{key:?}: {other}"),
                    Ok(index) => {
                        assert_eq!((facts(&index), index.revision()), (right.clone(), revision), "{key:02x?}");
                        let noticed = !index.verify().unwrap().is_empty();
                        assert!(noticed, "{key:02x?} is damaged and nobody notices");
                    }
                }
                store.tamper(&key, Some(value.clone()));
            }
        }
        assert_eq!(open(&store).unwrap().verify().unwrap(), []);
    }
}

/// The counts of a whole header were lowered to the rows that were there, so that the tasks of a missing last block were
/// lost without a word.
#[test]
fn a_missing_last_row_is_lost_with_its_facts_and_said_to_be() {
    let store = Arc::new(MemoryStore::new());
    let index = open(&store).unwrap();
    let mut load = index.load();
    (0..300).for_each(|n| load.add(&format!("plan/{n}"), [format!("unit {}", n % 9)]).unwrap());
    load.commit().unwrap();
    drop(index);
    for tag in [b't', b'u'] {
        let rows = store.rows();
        let last = keys_of(&store, tag).pop().unwrap();
        store.tamper(&last, None);
        let (index, repair) = OpenOptions::new().repair_store(store.clone()).unwrap();
        match tag {
            b't' => {
                assert_eq!(facts(&index).len(), 256);
                let named = repair.lost.iter().filter(|lost| lost.key.starts_with("task number")).count();
                assert_eq!(named, 44, "{:#?}", repair.lost);
            }
            _ => assert_eq!((facts(&index).len(), repair.lost.len()), (300, 1), "{:#?}", repair.lost),
        }
        drop(index);
        assert_eq!(open(&store).unwrap().verify().unwrap(), []);
        keys_of(&store, b'h').into_iter().for_each(|key| store.tamper(&key, None));
        for (key, _) in store.rows() {
            store.tamper(&key, None);
        }
        rows.into_iter().for_each(|(key, value)| store.tamper(&key, Some(value)));
    }
}

/// Commits were applied again to rows that had them: places in a list of aliases are not the same twice.
#[test]
fn a_lost_header_does_not_apply_commits_twice() {
    let store = Arc::new(MemoryStore::new());
    let index = open(&store).unwrap();
    let mut load = index.load();
    load.add("t", ["B"]).unwrap();
    load.commit().unwrap();
    index.add_alias("B", "b1").unwrap();
    index.rename_unit("B", "b1").unwrap();
    index.rename_unit("b1", "Z").unwrap();
    index.remove_alias("Z", "b1").unwrap();
    index.assign("t", ["C"]).unwrap();
    index.checkpoint().unwrap();
    index.assign("late", ["Z"]).unwrap();
    let expected = (
        facts(&index),
        index.view().units().map(|unit| format!("{:?}", unit.aliases().collect::<Vec<_>>())).collect::<Vec<_>>(),
    );
    drop(index);
    flip(&store, &keys_of(&store, b'h')[0]);
    let (index, repair) = OpenOptions::new().repair_store(store.clone()).unwrap();
    assert_eq!(repair.lost, []);
    assert_eq!(
        (
            facts(&index),
            index.view().units().map(|unit| format!("{:?}", unit.aliases().collect::<Vec<_>>())).collect::<Vec<_>>()
        ),
        expected
    );
}

#[test]
fn a_placeholder_for_a_lost_name_is_not_a_name_that_is_taken() {
    let store = Arc::new(MemoryStore::new());
    let index = open(&store).unwrap();
    let mut load = index.load();
    load.add("t", ["unit 1, its name is lost", "B"]).unwrap();
    load.commit().unwrap();
    drop(index);
    flip(&store, &keys_of(&store, b'u')[1]);
    let (index, repair) = OpenOptions::new().repair_store(store.clone()).unwrap();
    assert_eq!(index.lead("t").as_deref(), Some("unit 1, its name is lost"));
    assert_eq!(index.supporting("t"), ["unit 1, its name is lost (2)"]);
    assert!(!repair.lost.is_empty());
}

/// Rows of a load that was cut off were outside the counts of the header, and neither `verify` nor a repair saw them.
#[test]
fn rows_that_the_header_does_not_count_are_found_and_repaired() {
    let (store, index) = filled(true);
    let before = facts(&index);
    let (_, value) = store.rows().into_iter().find(|(key, _)| key[0] == b'u').unwrap();
    for tag in [b'u', b't'] {
        store
            .tamper(&[&[tag][..], &1_u32.to_be_bytes(), &900_u32.to_be_bytes(), &[0, 0]].concat(), Some(value.clone()));
    }
    assert_eq!(of(&index.verify().unwrap(), Rule::RowsAreReadable).len(), 2);
    assert_eq!(index.repair().unwrap().lost, []);
    drop(index);
    assert_eq!(facts(&open(&store).unwrap()), before);
}
