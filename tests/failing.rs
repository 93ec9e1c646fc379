//! The log made to misbehave at each append and each sync of a history: nothing is shown that isn't written, reads go
//! on, writing stops where it must, and opening again tells what became of it. And the rows: whatever they do, no commit
//! is refused and none is lost.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::time::{Duration, Instant};

use common::keys;
use responsibility_index::error::EngineError;
use responsibility_index::testing::{Fault, MemoryHome, Misfortune};
use responsibility_index::{Details, Durability, Error, Index, OpenOptions, Result, View};

/// The number of steps of the history; each makes one revision, with one append and one sync.
const STEPS: u64 = 12;
/// After how many changes a checkpoint is due: always, now and then, never.
const CHECKPOINTS: [usize; 3] = [1, 5, 50_000];

/// One step: after step `n` the index is at revision `n`, and has what [`assert_state`] says.
fn step(index: &Index, n: u64) -> Result<()> {
    match n % 4 {
        1 | 2 => index.batch().assign(key(n), ["A", "B"]).assign(format!("twin/{n}"), ["B", "A"]).commit().map(drop),
        3 => {
            let mut load = index.bulk_load();
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

/// Whole steps up to `revision`, in both directions.
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

fn open(home: &MemoryHome, checkpoint_after: usize) -> Index {
    home.open(&OpenOptions::new().checkpoint_after(checkpoint_after)).unwrap()
}

/// Runs the history, and lets `strike` happen before step `at`, which has to fail.
fn fail_at(checkpoint_after: usize, at: u64, strike: Misfortune) -> (MemoryHome, Index, Error) {
    let home = MemoryHome::new();
    let index = open(&home, checkpoint_after);
    (1..at).for_each(|n| step(&index, n).unwrap());
    // A checkpoint syncs the log, too: let none be due.
    index.checkpoint().unwrap();
    home.misfortune(strike);
    let error = step(&index, at).unwrap_err();
    (home, index, error)
}

fn at_each_place(strike: Misfortune, check: impl Fn(MemoryHome, Index, u64, Error)) {
    for checkpoint_after in CHECKPOINTS {
        for at in 1..=STEPS {
            let (home, index, error) = fail_at(checkpoint_after, at, strike);
            assert_state(&index.view(), at - 1);
            check(home, index, at, error);
        }
    }
}

/// Continues the history on an index that is opened again, which was left after `reached` steps.
fn finish(home: &MemoryHome, reached: u64) {
    let index = open(home, 5);
    assert_whole(&index, reached);
    (reached + 1..=STEPS).for_each(|n| step(&index, n).unwrap());
    assert_whole(&index, STEPS);
    drop(index);
    assert_whole(&open(home, 5), STEPS);
}

fn assert_stopped(index: &Index) {
    let stopped = |result: Result<()>| matches!(result, Err(Error::Engine(EngineError::Stopped { .. })));
    assert!(stopped(index.assign("later", ["A"]).map(drop)));
    assert!(stopped(index.bulk_load().commit().map(drop)));
    assert!(stopped(index.checkpoint()) && stopped(index.flush()) && stopped(index.trim(0)));
}

#[test]
fn a_commit_that_fails_leaves_nothing_and_the_next_one_goes_through() {
    at_each_place(Misfortune::Fail, |home, index, at, error| {
        assert!(matches!(error, Error::Engine(EngineError::Failed { .. })), "{error:?}");
        assert_eq!(index.verify().unwrap(), []);
        if at % 2 == 0 {
            (at..=STEPS).for_each(|n| step(&index, n).unwrap());
            assert_whole(&index, STEPS);
            drop(index);
            finish(&home, STEPS);
        } else {
            drop(index);
            finish(&home, at - 1);
        }
    });
}

#[test]
fn a_commit_that_is_refused_for_another_is_planned_again_and_goes_through() {
    for checkpoint_after in CHECKPOINTS {
        for at in 1..=STEPS {
            let home = MemoryHome::new();
            let index = open(&home, checkpoint_after);
            (1..at).for_each(|n| step(&index, n).unwrap());
            home.misfortune(Misfortune::Refuse);
            home.misfortune(Misfortune::Refuse);
            for n in at..=STEPS {
                // A load is numbered for one view: whoever loads decides whether to load again.
                while let Err(error) = step(&index, n) {
                    assert!(n % 4 == 3 && matches!(error, Error::Conflict(_)), "{error}");
                    assert_state(&index.view(), n - 1);
                }
            }
            assert_whole(&index, STEPS);
            drop(index);
            finish(&home, STEPS);
        }
    }
}

#[test]
fn a_commit_whose_answer_is_lost_is_not_shown_stops_writing_and_is_there_when_opened_again() {
    at_each_place(Misfortune::LoseAnswer, |home, index, at, error| {
        assert!(matches!(error, Error::Engine(EngineError::Unknown { revision, .. }) if revision == at), "{error:?}");
        assert_stopped(&index);
        assert_state(&index.view(), at - 1);
        drop(index);
        finish(&home, at);
    });
}

#[test]
fn a_commit_that_is_applied_late_is_not_shown_and_is_there_as_a_whole_or_not_at_all_when_opened_again() {
    at_each_place(Misfortune::ApplyLate, |home, index, at, error| {
        assert!(matches!(error, Error::Engine(EngineError::Unknown { revision, .. }) if revision == at), "{error:?}");
        assert_stopped(&index);
        drop(index);
        let opened = open(&home, 5);
        let found = opened.revision();
        assert!(found == at - 1 || found == at, "{found} at step {at}");
        drop(opened);
        finish(&home, found);
    });
}

#[test]
fn a_commit_whose_sync_fails_is_not_shown_stops_writing_and_opening_again_tells() {
    at_each_place(Misfortune::FailSync, |home, index, at, error| {
        assert!(matches!(error, Error::Engine(EngineError::Unknown { revision, .. }) if revision == at), "{error:?}");
        assert_stopped(&index);
        // Everything that was acknowledged was synced before, so the loss takes nothing of it.
        finish(&home.after_power_loss().unwrap(), at - 1);
        drop(index);
        finish(&home, at);
    });
}

#[test]
fn reads_go_on_after_writing_has_stopped() {
    let (_home, index, _) = fail_at(50_000, 5, Misfortune::FailSync);
    let clone = index.clone();
    assert_state(&clone.view(), 4);
    assert_eq!(clone.view().details(&key(4)).unwrap(), Some(Details::titled("set")));
    assert_eq!(clone.view().details(&key(3)).unwrap(), Some(Details::titled("loaded")));
    assert_eq!(clone.stats().unwrap().tasks, 8);
    let message = clone.assign("x", ["A"]).unwrap_err().to_string();
    assert!(message.contains("the answer was lost") && message.contains("open the index again"), "{message}");
}

#[test]
fn power_loss_after_any_step_keeps_every_acknowledged_step() {
    for checkpoint_after in CHECKPOINTS {
        for last in 0..=STEPS {
            let home = MemoryHome::new();
            let index = open(&home, checkpoint_after);
            (1..=last).for_each(|n| step(&index, n).unwrap());
            finish(&home.after_power_loss().unwrap(), last);
            drop(index);
            finish(&home.after_power_loss().unwrap(), last);
        }
    }
}

#[test]
fn lazy_commits_are_kept_by_a_load_a_flush_and_the_end() {
    let lazy = OpenOptions::new().checkpoint_after(50_000).durability(Durability::Lazy);
    let after_power_loss = |end: fn(&Index), closed: bool| {
        let home = MemoryHome::new();
        let index = home.open(&lazy).unwrap();
        (1..=STEPS).for_each(|n| step(&index, n).unwrap());
        end(&index);
        // The end of an index makes its log durable.
        if closed {
            drop(index)
        } else {
            std::mem::forget(index)
        }
        let home = home.after_power_loss().unwrap();
        let kept = open(&home, 50_000).revision();
        finish(&home, kept);
        kept
    };
    assert_eq!(after_power_loss(|_| {}, false), 11, "the last load was synced, the commit after it was not");
    assert_eq!(after_power_loss(|index| index.flush().unwrap(), false), 12);
    assert_eq!(
        after_power_loss(|index| index.checkpoint().unwrap(), false),
        12,
        "the log is made durable before the rows"
    );
    assert_eq!(after_power_loss(|_| {}, true), 12);
}

/// Waits until the checkpointer has met what was prepared for it.
fn wait_until(what: &str, mut is: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < Duration::from_secs(10), "waited 10 s for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn rows_that_fail_anywhere_refuse_no_commit_are_reported_and_can_be_written_later() {
    for fault in [Fault::Fail as fn(u32) -> Fault, Fault::Unknown, Fault::FailSync] {
        for nth in 1..=4 {
            for at in [1, 4, 7, STEPS] {
                let home = MemoryHome::new();
                let index = open(&home, 50_000);
                (1..at).for_each(|n| step(&index, n).unwrap());
                if at % 2 == 0 {
                    index.checkpoint().unwrap();
                }
                step(&index, at).unwrap();
                home.fail_rows(fault(nth));
                let failed = index.checkpoint();
                let troubles = index.stats().unwrap().troubles;
                if let Err(error) = &failed {
                    assert!(matches!(error, Error::Engine(EngineError::Failed { .. })), "{error:?}");
                    assert!(troubles.iter().any(|trouble| trouble.contains("as injected")), "{troubles:?}");
                } else {
                    assert_eq!(troubles, [""; 0]);
                    assert!(nth > 1, "{:?} did not go off", fault(nth));
                }
                (at + 1..=STEPS).for_each(|n| step(&index, n).unwrap());
                // A fault that is still to come goes off here.
                let _ = index.checkpoint();
                index.checkpoint().unwrap();
                let stats = index.stats().unwrap();
                assert_eq!((stats.troubles, stats.checkpoint, stats.changes_since_checkpoint), (vec![], STEPS, 0));
                assert_whole(&index, STEPS);
                drop(index);
                finish(&home, STEPS);
            }
        }
    }
}

#[test]
fn rows_that_fail_in_the_background_or_at_the_end_lose_nothing() {
    for fault in [Fault::Fail as fn(u32) -> Fault, Fault::Unknown, Fault::FailSync] {
        for nth in 1..=4 {
            for checkpoint_after in CHECKPOINTS {
                let home = MemoryHome::new();
                let index = open(&home, checkpoint_after);
                home.fail_rows(fault(nth));
                (1..=STEPS).for_each(|n| step(&index, n).unwrap());
                assert_state(&index.view(), STEPS);
                finish(&home.after_power_loss().unwrap(), STEPS);
                drop(index);
                finish(&home.after_power_loss().unwrap(), STEPS);
            }
        }
    }
}

#[test]
fn a_checkpoint_that_fails_in_the_background_is_reported() {
    let home = MemoryHome::new();
    let index = open(&home, 1);
    home.fail_rows(Fault::Fail(1));
    step(&index, 1).unwrap();
    wait_until("the report", || !index.stats().unwrap().troubles.is_empty());
    (2..=STEPS).for_each(|n| step(&index, n).unwrap());
    index.checkpoint().unwrap();
    assert_eq!(index.stats().unwrap().troubles, [""; 0]);
    assert_whole(&index, STEPS);
}

/// After a power failure sled may open, and fail at each write: the checkpoint then failed each time, until somebody removed
/// the rows.
#[test]
fn rows_that_the_engine_can_not_use_are_begun_again() {
    for nth in 1..=4 {
        for checkpoint_after in CHECKPOINTS {
            let home = MemoryHome::new();
            let index = open(&home, checkpoint_after);
            (1..=STEPS / 2).for_each(|n| step(&index, n).unwrap());
            index.checkpoint().unwrap();
            home.fail_rows(Fault::Corrupt(nth));
            (STEPS / 2 + 1..=STEPS).for_each(|n| step(&index, n).unwrap());
            for n in 0..5 {
                index.assign(&format!("more/{n}"), ["A"]).unwrap();
                index.checkpoint().unwrap();
            }
            assert_eq!(index.verify().unwrap(), []);
            let troubles = index.stats().unwrap().troubles;
            assert!(troubles.iter().any(|trouble| trouble.contains("were made again")), "{troubles:?}");
            drop(index);
            let index = open(&home, checkpoint_after);
            assert_eq!((index.stats().unwrap().troubles, index.verify().unwrap()), (vec![], vec![]));
        }
    }
}

/// A checkpoint that was written without its caller knowing was the base of the next one, which did not know it: a change and
/// its opposite between them left a stale row in the reverse direction.
#[test]
fn a_checkpoint_of_unknown_outcome_leaves_no_stale_row_behind() {
    let home = MemoryHome::new();
    let index = open(&home, 50_000);
    index.assign("t/1", ["A", "B"]).unwrap();
    index.assign("t/2", ["B"]).unwrap();
    index.checkpoint().unwrap();
    index.assign("t/2", ["A"]).unwrap();
    index.batch().rename_unit("B", "C").commit().unwrap();
    home.fail_rows(Fault::Unknown(1));
    index.checkpoint().unwrap_err();
    index.batch().assign("t/2", ["B"]).rename_unit("C", "B").remove_alias("B", "C").commit().unwrap();
    index.checkpoint().unwrap();
    assert_eq!(index.verify().unwrap(), []);
    drop(index);
    let index = open(&home, 50_000);
    assert_eq!((index.lead("t/2").as_deref(), index.stats().unwrap().troubles), (Some("B"), vec![]));
    assert_eq!(index.verify().unwrap(), []);
}

/// Units whose names grew too large for one row were written to two without the caller knowing; when they were small again,
/// the second row stayed.
#[test]
fn a_checkpoint_of_unknown_outcome_leaves_no_row_of_names_that_are_small_again() {
    let home = MemoryHome::new();
    let index = open(&home, 50_000);
    let units: Vec<String> = (0..10).map(|n| format!("unit {n}")).collect();
    index.assign("t/1", &units).unwrap();
    index.checkpoint().unwrap();
    let alias = |n: usize| format!("{} {n}", "a".repeat(200));
    for (n, unit) in (0..50).zip(units.iter().cycle()) {
        index.batch().add_alias(unit, alias(n)).commit().unwrap();
    }
    let before = home.rows().len();
    home.fail_rows(Fault::Unknown(1));
    index.checkpoint().unwrap_err();
    assert!(home.rows().len() > before, "there are more rows of units");
    for (n, unit) in (0..50).zip(units.iter().cycle()) {
        index.batch().remove_alias(unit, alias(n)).commit().unwrap();
    }
    index.checkpoint().unwrap();
    assert_eq!((home.rows().len(), index.verify().unwrap()), (before, vec![]));
    drop(index);
    let index = open(&home, 50_000);
    assert_eq!((index.stats().unwrap().troubles, index.verify().unwrap()), (vec![], vec![]));
}

/// A batch this large makes all rows again at the next checkpoint, as a new generation.
fn large(index: &Index, count: usize, units: [&str; 2]) {
    let mut batch = index.batch();
    for n in 0..count {
        // Keys that have little in common make many rows.
        let mut numbers = common::Numbers::new(n as u64);
        let key: String = (0..100).map(|_| char::from(b'a' + numbers.below(26) as u8)).collect();
        batch = batch.assign(format!("large/{key}"), units);
    }
    batch.commit().unwrap();
}

/// Rows of an attempt that failed stayed, and were taken for rows of the next one; or the next one wrote over the rows
/// that counted.
#[test]
fn a_new_generation_of_rows_that_fails_anywhere_leaves_the_old_one_or_the_new_one() {
    for fault in [Fault::Fail as fn(u32) -> Fault, Fault::Unknown, Fault::FailSync] {
        let mut failed = 0;
        for nth in 1.. {
            let home = MemoryHome::new();
            let index = open(&home, usize::MAX);
            large(&index, 5_000, ["A", "B"]);
            index.checkpoint().unwrap();
            large(&index, 5_000, ["B", "C"]);
            home.fail_rows(fault(nth));
            if index.checkpoint().is_ok() {
                break;
            }
            failed += 1;
            // The end writes another one: without it the rows are those of the attempt that failed.
            let rows = home.rows();
            drop(index);
            home.remove_rows();
            rows.into_iter().for_each(|(key, value)| home.tamper(&key, Some(value)));
            let index = open(&home, usize::MAX);
            assert_eq!(index.stats().unwrap().troubles, [""; 0], "the rows are whole");
            assert_eq!((index.view().led_by("B").unwrap().len(), index.verify().unwrap()), (5_000, vec![]));
            let mut batch = index.batch();
            for key in index.view().under("large/").keys().take(4_900) {
                batch = batch.remove(key);
            }
            batch.commit().unwrap();
            drop(batch);
            index.checkpoint().unwrap();
            drop(index);
            let index = open(&home, usize::MAX);
            assert_eq!((index.view().len(), index.verify().unwrap()), (100, vec![]), "{:?}", fault(nth));
        }
        assert!(failed >= 3, "{failed}");
    }
}
