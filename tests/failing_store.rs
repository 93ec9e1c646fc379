//! The memory store made to misbehave at each commit and each sync of a history: nothing is published that isn't
//! written, reads go on, writing stops where it must, and opening anew tells what became of it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::sync::Arc;

use common::keys;
use responsibility_index::error::{Conflict, EngineError};
use responsibility_index::store::{Fault, MemoryStore};
use responsibility_index::{Details, Error, Index, OpenOptions, Result, View};

/// How many steps the history has; each makes one revision, and at least one commit and one sync.
const STEPS: u64 = 12;

/// One step: after step `n` the index is at revision `n`, and holds what [`assert_state`] says.
fn step(index: &Index, n: u64) -> Result<()> {
    match n % 4 {
        1 | 2 => index.batch().assign(key(n), ["A", "B"]).assign(format!("twin/{n}"), ["B", "A"]).commit().map(drop),
        3 => {
            let mut load = index.load();
            load.add_with(&key(n), ["A", "B"], Details::titled("loaded"))?;
            load.add(&format!("twin/{n}"), ["B", "A"])?;
            load.commit().map(drop)
        }
        _ => index
            .batch()
            .assign(key(n), ["A", "B"])
            .assign(format!("twin/{n}"), ["B", "A"])
            .set_details(key(n), Details::titled("set"))
            .commit()
            .map(drop),
    }
}

fn key(n: u64) -> String {
    format!("task/{n}")
}

/// Whole steps up to `revision`, in the view and in the rows.
fn assert_state(view: &View, revision: u64) {
    let expected = |prefix: &str| (1..=revision).map(|n| format!("{prefix}/{n}")).collect::<Vec<_>>();
    assert_eq!(view.revision(), revision);
    assert_eq!(keys(view.under("task/").keys()), expected("task"));
    assert_eq!(keys(view.under("twin/").keys()), expected("twin"));
    if revision > 0 {
        assert_eq!(view.led_by("A").unwrap(), view.supported_by("B").unwrap());
        assert_eq!(view.led_by("B").unwrap(), view.under("twin/"));
    }
}

fn assert_whole(index: &Index, revision: u64) {
    assert_state(&index.view(), revision);
    assert_eq!(index.verify().unwrap(), []);
}

fn open(store: &Arc<MemoryStore>, checkpoint_after: usize) -> Index {
    OpenOptions::new().checkpoint_after(checkpoint_after).open_store(Arc::clone(store) as _).unwrap()
}

/// Runs the history with a fault armed before it, until a step fails. Returns the index, how far it came, the error.
fn until_it_fails(store: &Arc<MemoryStore>, checkpoint_after: usize, fault: Fault) -> (Index, u64, Option<Error>) {
    let index = open(store, checkpoint_after);
    store.inject(fault);
    for n in 1..=STEPS {
        if let Err(error) = step(&index, n) {
            return (index, n - 1, Some(error));
        }
    }
    (index, STEPS, None)
}

/// Every place in the history at which a fault of this kind goes off, with and without checkpoints between.
fn at_each_place(fault: fn(u32) -> Fault, check: impl Fn(Arc<MemoryStore>, Index, u64, Error)) {
    for checkpoint_after in [1, 5, 50_000] {
        let mut went_off = 0;
        loop {
            let store = Arc::new(MemoryStore::new());
            let (index, reached, error) = until_it_fails(&store, checkpoint_after, fault(went_off as u32 + 1));
            // A checkpoint that fails is told by the commit after it: here there is none.
            let Some(error) = error.or_else(|| index.checkpoint().err()) else { break };
            went_off += 1;
            check(store, index, reached, error);
        }
        assert!(went_off >= STEPS, "the fault hardly went off: {went_off}");
    }
}

/// Continues the history on an index that was opened anew.
fn finish(store: &Arc<MemoryStore>, reached: u64) {
    let index = open(store, 5);
    assert_whole(&index, reached);
    (reached + 1..=STEPS).for_each(|n| step(&index, n).unwrap());
    assert_whole(&index, STEPS);
    drop(index);
    assert_whole(&open(store, 5), STEPS);
}

fn stops_writing(index: &Index) -> bool {
    let batch = index.batch().assign("later", ["A"]).commit().map(drop);
    matches!(batch, Err(Error::Engine(EngineError::Stopped { .. })))
}

#[test]
fn a_commit_that_fails_leaves_nothing_wherever_it_fails() {
    at_each_place(Fault::Fail, |store, index, reached, error| {
        assert!(matches!(error, Error::Engine(_)), "{error:?}");
        assert_state(&index.view(), reached);
        drop(index);
        finish(&store, reached);
    });
}

#[test]
fn after_a_small_commit_that_failed_cleanly_the_next_one_goes_through() {
    for nth in 1..=2 {
        let store = Arc::new(MemoryStore::new());
        let (index, reached, error) = until_it_fails(&store, 50_000, Fault::Fail(nth));
        assert!(matches!(error, Some(Error::Engine(EngineError::Failed { .. }))), "{error:?}");
        (reached + 1..=STEPS).for_each(|n| step(&index, n).unwrap());
        assert_whole(&index, STEPS);
    }
}

#[test]
fn a_commit_that_is_refused_leaves_nothing_wherever_it_is_refused() {
    at_each_place(Fault::Refuse, |store, index, reached, _| {
        assert_state(&index.view(), reached);
        drop(index);
        finish(&store, reached);
    });
}

#[test]
fn a_refused_commit_is_a_conflict_that_says_what_it_was_planned_on() {
    let store = Arc::new(MemoryStore::new());
    let index = open(&store, 50_000);
    step(&index, 1).unwrap();
    store.inject(Fault::Refuse(1));
    let refused = step(&index, 2).unwrap_err();
    assert!(matches!(refused, Error::Conflict(Conflict::Store { planned_on: 1 })), "{refused:?}");
    assert_whole(&index, 1);
    step(&index, 2).unwrap();
    assert_whole(&index, 2);
}

#[test]
fn a_commit_of_unknown_outcome_is_not_shown_stops_writing_and_opening_anew_tells() {
    at_each_place(Fault::Unknown, |store, index, reached, _| {
        let held = index.view();
        assert_state(&held, reached);
        assert!(stops_writing(&index), "after {reached} steps");
        assert!(index.checkpoint().is_err() && index.load().commit().is_err());
        assert_state(&index.view(), reached);
        drop((index, held));
        // The memory store did write it. Where that was one step as a whole, the step is there.
        let opened = open(&store, 5);
        let found = opened.revision();
        assert!(found == reached || found == reached + 1, "{found} after {reached}");
        drop(opened);
        finish(&store, found);
    });
}

#[test]
fn a_small_commit_of_unknown_outcome_that_was_written_is_found_when_opened_anew() {
    let store = Arc::new(MemoryStore::new());
    let index = open(&store, 50_000);
    step(&index, 1).unwrap();
    store.inject(Fault::Unknown(1));
    let unknown = step(&index, 2).unwrap_err();
    assert!(matches!(unknown, Error::Engine(EngineError::Unknown { revision: 2, .. })), "{unknown:?}");
    assert_eq!(index.revision(), 1);
    drop(index);
    finish(&store, 2);
}

#[test]
fn a_sync_that_fails_publishes_nothing_and_stops_writing() {
    at_each_place(Fault::FailSync, |store, index, reached, error| {
        assert!(matches!(error, Error::Engine(_)), "{error:?}");
        assert_state(&index.view(), reached);
        assert!(stops_writing(&index), "after {reached} steps");
        drop(index);
        // Everything that was acknowledged was synced before, so the loss takes nothing of it.
        finish(&store, reached);
    });
}

/// A checkpoint that was written without its caller knowing was the base of the next one, which did not know it: a change and
/// its opposite between them left a stale row in the reverse direction.
#[test]
fn a_checkpoint_of_unknown_outcome_leaves_no_stale_row_behind() {
    let store = Arc::new(MemoryStore::new());
    let index = open(&store, 50_000);
    index.assign("t/1", ["A", "B"]).unwrap();
    index.assign("t/2", ["B"]).unwrap();
    index.checkpoint().unwrap();
    index.assign("t/2", ["A"]).unwrap();
    index.rename_unit("B", "C").unwrap();
    store.inject(Fault::Unknown(1));
    index.checkpoint().unwrap_err();
    let undone = index.batch().assign("t/2", ["B"]).rename_unit("C", "B").remove_alias("B", "C").commit();
    if undone.is_ok() {
        index.checkpoint().unwrap();
        assert_eq!(index.verify().unwrap(), []);
    }
    drop(index);
    let index = open(&store, 50_000);
    assert_eq!(index.lead("t/2").as_deref(), Some(if undone.is_ok() { "B" } else { "A" }));
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn a_checkpoint_that_failed_cleanly_can_be_written_again() {
    let store = Arc::new(MemoryStore::new());
    let index = open(&store, 50_000);
    step(&index, 1).unwrap();
    store.inject(Fault::Fail(1));
    index.checkpoint().unwrap_err();
    assert_whole(&index, 1);
    index.checkpoint().unwrap();
    assert_eq!(index.stats().unwrap().changes_since_checkpoint, 0);
    drop(index);
    finish(&store, 1);
}

#[test]
fn reads_go_on_after_writing_has_stopped() {
    let store = Arc::new(MemoryStore::new());
    let index = open(&store, 50_000);
    (1..=4).for_each(|n| step(&index, n).unwrap());
    store.inject(Fault::FailSync(1));
    step(&index, 5).unwrap_err();
    let clone = index.clone();
    assert_state(&clone.view(), 4);
    assert_eq!(clone.details(&key(4)).unwrap(), Some(Details::titled("set")));
    assert_eq!(clone.details(&key(3)).unwrap(), Some(Details::titled("loaded")));
    assert_eq!(clone.stats().unwrap().tasks, 8);
    let message = clone.assign("x", ["A"]).unwrap_err().to_string();
    assert!(message.contains("as injected") && message.contains("open the index again"), "{message}");
}

#[test]
fn power_loss_after_any_step_keeps_every_acknowledged_step() {
    for checkpoint_after in [1, 5, 50_000] {
        for last in 0..=STEPS {
            let store = Arc::new(MemoryStore::new());
            let index = open(&store, checkpoint_after);
            (1..=last).for_each(|n| step(&index, n).unwrap());
            drop(index);
            store.lose_power();
            finish(&store, last);
        }
    }
}

#[test]
fn power_loss_with_lazy_commits_keeps_a_whole_state_of_the_past() {
    let store = Arc::new(MemoryStore::new());
    let lazy = OpenOptions::new().checkpoint_after(5).durability(responsibility_index::Durability::Lazy);
    let index = lazy.open_store(Arc::clone(&store) as _).unwrap();
    (1..=STEPS).for_each(|n| step(&index, n).unwrap());
    drop(index);
    store.lose_power();
    let kept = open(&store, 5).revision();
    // The last load was synced; the commits after it were not.
    assert_eq!(kept, 11);
    finish(&store, kept);
}

/// A batch this large makes all rows again at the next checkpoint, as a new generation.
fn large(index: &Index, count: usize, units: [&str; 2]) {
    let mut batch = index.batch();
    for n in 0..count {
        batch.assign(format!("large/{n}"), units);
    }
    batch.commit().unwrap();
}

/// A failed sync was taken for a failure that left nothing behind, and the writer went on.
#[test]
fn a_checkpoint_of_everything_whose_sync_fails_stops_writing_and_loses_nothing() {
    for durability in [responsibility_index::Durability::Lazy, responsibility_index::Durability::Synced] {
        for sync in 1..=2 {
            let store = Arc::new(MemoryStore::new());
            let index = OpenOptions::new().durability(durability).open_store(Arc::clone(&store) as _).unwrap();
            index.assign("first", ["A"]).unwrap();
            large(&index, 5_000, ["A", "B"]);
            index.flush().unwrap();
            store.inject(Fault::FailSync(sync));
            index.checkpoint().unwrap_err();
            assert!(index.assign("t", ["A"]).is_err(), "{durability:?} {sync}");
            assert!(index.flush().is_err());
            drop(index);
            store.lose_power();
            let index = open(&store, 50_000);
            assert_eq!((index.revision(), index.view().len(), index.verify().unwrap()), (2, 5_001, vec![]));
        }
    }
}

/// Rows of an attempt that failed stayed, and were taken for rows of the next one; or the next one wrote over the rows
/// that counted.
#[test]
fn a_checkpoint_of_everything_that_fails_anywhere_leaves_an_index_that_opens() {
    let mut failed = 0;
    for commit in 1.. {
        let store = Arc::new(MemoryStore::new());
        let index = open(&store, usize::MAX);
        large(&index, 5_000, ["A", "B"]);
        index.checkpoint().unwrap();
        large(&index, 5_000, ["B", "C"]);
        store.inject(Fault::Fail(commit));
        let first = index.checkpoint();
        if first.is_ok() {
            break;
        }
        failed += 1;
        drop(index);
        let index = open(&store, usize::MAX);
        assert_eq!((index.view().led_by("B").unwrap().len(), index.verify().unwrap()), (5_000, vec![]));
        let mut batch = index.batch();
        for n in 0..4_900 {
            batch.unassign(format!("large/{n}"));
        }
        batch.commit().unwrap();
        index.checkpoint().unwrap();
        drop(index);
        let index = open(&store, usize::MAX);
        assert_eq!((index.view().len(), index.verify().unwrap()), (100, vec![]), "commit {commit}");
    }
    assert!(failed >= 3, "{failed}");
}
