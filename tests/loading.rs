//! Bulk loading: sorted, all or none, beside what is there.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use common::{Home, input_error, keys};
use responsibility_index::testing::{MemoryHome, Misfortune};
use responsibility_index::{Assignment, Details, Index, InputError, OpenOptions, UnitKind};

#[test]
fn a_load_is_one_revision_and_sorts_what_came_in_any_order() {
    let index = Index::in_memory();
    let mut load = index.bulk_load();
    for n in [5, 1, 10, 3, 2] {
        load.add(&format!("t/{n}"), ["A", "B"]).unwrap();
    }
    load.note("the plan", "office");
    let done = load.commit().unwrap();
    assert_eq!((done.tasks, done.revision, index.revision()), (5, 1, 1));
    assert_eq!(keys(&index.view().led_by("A").unwrap()), ["t/1", "t/2", "t/3", "t/5", "t/10"]);
    assert_eq!(index.stats().unwrap().out_of_order, 0);
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn a_load_replaces_the_tasks_it_names_with_their_details_and_keeps_the_others() {
    let index = Index::in_memory();
    let mut batch = index.batch();
    for key in ["t/1", "t/2", "t/9"] {
        batch = batch.assign(key, ["Old", "A"]).set_details(key, Details::titled(key));
    }
    batch.assign("gone", ["Old"]).commit().unwrap();
    index.remove("gone").unwrap();
    let mut load = index.bulk_load();
    load.add("t/2", ["A", "New"]).unwrap();
    load.add_with("t/9", ["A"], Details::titled("fresh")).unwrap();
    load.add("t/5", ["New"]).unwrap();
    load.commit().unwrap();
    let view = index.view();
    assert_eq!(keys(&view.tasks()), ["t/1", "t/2", "t/5", "t/9"]);
    assert_eq!(view.assignment("t/2"), Assignment::new(["A", "New"]).ok());
    let title = |key| view.details(key).unwrap().map(|details| details.title);
    assert_eq!((title("t/1").as_deref(), title("t/2"), title("t/9").as_deref()), (Some("t/1"), None, Some("fresh")));
    assert_eq!((keys(&view.led_by("Old").unwrap()), view.lead("gone")), (keys(["t/1"]), None));
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn nothing_of_a_load_is_seen_before_its_commit_nor_when_it_is_dropped() {
    let index = Index::in_memory();
    let mut load = index.bulk_load();
    load.add("t/1", ["A"]).unwrap();
    assert_eq!((index.revision(), index.view().len(), index.view().units().count()), (0, 0, 0));
    drop(load);
    assert_eq!((index.revision(), index.view().units().count()), (0, 0));
}

#[test]
fn a_task_that_is_refused_is_left_out_with_the_units_it_alone_named() {
    let index = Index::in_memory();
    let mut load = index.bulk_load();
    load.add("t/1", ["A"]).unwrap();
    let (place, error) = input_error(load.add("t/2", ["Only here", "A", "A"]).unwrap_err());
    assert_eq!((place, matches!(error, InputError::UnitTwice { .. })), (2, true));
    load.add("t/3", ["B"]).unwrap();
    assert_eq!(load.commit().unwrap().tasks, 2);
    assert_eq!(index.view().units().map(|unit| unit.name()).collect::<Vec<_>>(), ["A", "B"]);
}

#[test]
fn an_empty_load_changes_nothing_and_compacting_sorts_in_what_came_out_of_order() {
    let index = Index::in_memory();
    for n in [3, 1, 2] {
        index.assign(&format!("t/{n}"), ["A"]).unwrap();
    }
    assert_eq!(index.stats().unwrap().out_of_order, 2);
    let done = index.bulk_load().commit().unwrap();
    assert_eq!((done.tasks, done.revision, index.revision()), (0, 3, 3));
    assert_eq!(index.stats().unwrap().out_of_order, 2);
    index.compact().unwrap();
    assert_eq!((index.revision(), index.stats().unwrap().out_of_order), (3, 0));
    assert_eq!(keys(&index.view().led_by("A").unwrap()), ["t/1", "t/2", "t/3"]);
}

#[test]
fn aliases_resolve_in_a_load() {
    let index = Index::in_memory();
    index.batch().create_unit("A", UnitKind::Body).add_alias("A", "Alpha").commit().unwrap();
    let mut load = index.bulk_load();
    load.add("t/1", ["Alpha", "B"]).unwrap();
    load.commit().unwrap();
    assert_eq!((index.lead("t/1").as_deref(), index.view().units().count()), (Some("A"), 2));
}

#[test]
fn a_load_takes_account_of_what_was_committed_since_it_began() {
    let index = Index::in_memory();
    index.assign("t/1", ["A"]).unwrap();
    let mut load = index.bulk_load();
    load.add("t/2", ["A", "B", "C"]).unwrap();
    index.batch().rename_unit("A", "Z").assign("t/3", ["C", "D"]).set_kind("C", UnitKind::Collective).commit().unwrap();
    load.commit().unwrap();
    assert_eq!(index.view().assignment("t/2"), Assignment::new(["Z", "B", "C"]).ok());
    assert_eq!(index.view().unit("C").unwrap().kind(), UnitKind::Collective);
    assert_eq!(index.view().units().map(|unit| unit.name()).collect::<Vec<_>>(), ["Z", "C", "D", "B"]);
    assert_eq!((index.view().len(), index.verify().unwrap()), (3, vec![]));
}

/// Two names of a load that were two units when it began can be one when it is committed; the task then had that unit
/// twice.
#[test]
fn two_names_that_became_one_unit_since_the_load_began_are_refused() {
    let index = Index::in_memory();
    let mut load = index.bulk_load();
    load.add("t/1", ["A", "B"]).unwrap();
    index.batch().create_unit("A", UnitKind::Body).add_alias("A", "B").commit().unwrap();
    let (_, error) = input_error(load.commit().unwrap_err());
    assert_eq!(error, InputError::UnitTwice { task: Some("t/1".into()), unit: "A".into(), written: "A".into() });
    assert_eq!((index.revision(), index.view().len()), (1, 0));
    index.assign("t/2", ["A"]).unwrap();
}

#[test]
fn a_load_and_what_came_after_it_are_there_when_opened_anew() {
    for home in [Home::memory(), Home::disk()] {
        let index = home.open(&OpenOptions::new()).unwrap();
        index.assign("t/0", ["A"]).unwrap();
        for round in 1..=3 {
            let mut load = index.bulk_load();
            for n in 0..150 {
                let details = Details::titled(format!("{round} {n}"));
                load.add_with(&format!("t/{round}/{n}"), ["A", &format!("U{n}")], details).unwrap();
            }
            load.commit().unwrap();
            index.assign(&format!("after/{round}"), ["B", "U7"]).unwrap();
        }
        drop(index);
        let index = home.open(&OpenOptions::new()).unwrap();
        assert_eq!((index.revision(), index.view().len(), index.view().led_by("A").unwrap().len()), (7, 454, 451));
        assert_eq!(index.view().details("t/2/99").unwrap(), Some(Details::titled("2 99")));
        assert_eq!(keys(&index.view().led_by("B").unwrap()), ["after/1", "after/2", "after/3"]);
        assert_eq!((index.verify().unwrap(), index.stats().unwrap().changes_since_checkpoint), (vec![], 0));
    }
}

#[test]
fn a_load_that_power_loss_ends_is_there_as_a_whole_or_not_at_all() {
    for misfortune in [None, Some(Misfortune::Fail), Some(Misfortune::FailSync), Some(Misfortune::LoseAnswer)] {
        let home = MemoryHome::new();
        let index = home.open(&OpenOptions::new()).unwrap();
        index.assign("t/1", ["A", "B"]).unwrap();
        let mut load = index.bulk_load();
        (0..700).for_each(|n| load.add_with(&format!("l/{n}"), ["B", "C"], Details::titled("x")).unwrap());
        misfortune.into_iter().for_each(|misfortune| home.misfortune(misfortune));
        let done = load.commit().is_ok();
        assert_eq!(done, misfortune.is_none());
        let found = home.after_power_loss().unwrap().open(&OpenOptions::new()).unwrap();
        assert_eq!(found.view().len(), if done { 701 } else { 1 });
        assert_eq!((found.verify().unwrap(), found.lead("t/1").as_deref()), (vec![], Some("A")));
        // The answer was lost and not the load.
        drop(index);
        let found = home.open(&OpenOptions::new()).unwrap();
        assert_eq!(found.view().len(), if misfortune == Some(Misfortune::Fail) { 1 } else { 701 });
        assert_eq!(found.verify().unwrap(), []);
    }
}

#[test]
fn checkpoints_of_loads_leave_no_rows_of_the_one_before() {
    let home = MemoryHome::new();
    let index = home.open(&OpenOptions::new()).unwrap();
    let load = |index: &Index| {
        let mut load = index.bulk_load();
        (0..300).for_each(|n| load.add(&format!("t/{n}"), ["A", "B"]).unwrap());
        load.commit().unwrap();
        index.checkpoint().unwrap();
        home.rows().len()
    };
    let first = load(&index);
    assert!(first > 3);
    assert_eq!(load(&index), first);
    assert_eq!(load(&index), first);
}

/// A unit that the load names was looked for by its name again at the commit, and found another unit of that name.
#[test]
fn a_load_means_the_units_that_it_named_whatever_they_are_called_at_its_commit() {
    let index = Index::in_memory();
    index.batch().create_unit("A", UnitKind::Body).add_alias("A", "aa").commit().unwrap();
    let mut load = index.bulk_load();
    load.add("t/1", ["aa"]).unwrap();
    index.batch().rename_unit("A", "Z").remove_alias("Z", "A").create_unit("A", UnitKind::Body).commit().unwrap();
    load.commit().unwrap();
    assert_eq!((index.lead("t/1").as_deref(), index.verify().unwrap()), (Some("Z"), vec![]));
}
