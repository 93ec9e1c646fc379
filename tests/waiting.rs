//! Callers that wait for the device together: they share what it does, and what it fails to do.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use responsibility_index::error::EngineError;
use responsibility_index::testing::{self, MemoryHome, Misfortune, SyncEnd};
use responsibility_index::{Durability, Error, Index, OpenOptions, Outcome, Result};

const CALLERS: usize = 8;

/// Lets one caller begin a sync and the others wait behind it, then ends that sync. Returns what each of the callers
/// got, the first one first, and how many syncs there were.
fn together(home: &MemoryHome, index: &Index, end: SyncEnd) -> (Vec<thread::Result<Result<()>>>, usize) {
    let syncs = home.syncs();
    home.hold_sync();
    let ends = thread::scope(|scope| {
        let call = |n: usize| {
            scope.spawn(move || catch_unwind(AssertUnwindSafe(|| index.assign(&format!("t/{n}"), ["A"]).map(drop))))
        };
        let mut callers = vec![call(0)];
        home.wait_for_sync();
        callers.extend((1..CALLERS).map(call));
        wait_until_others_wait(index);
        assert_eq!(index.revision(), 0, "nothing is shown before it is durable");
        home.let_go(end);
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    (ends, home.syncs() - syncs)
}

fn wait_until_others_wait(index: &Index) {
    let start = Instant::now();
    while testing::waiting(index) < CALLERS - 1 {
        assert!(start.elapsed() < Duration::from_secs(20), "{} callers wait", testing::waiting(index));
        thread::yield_now();
    }
}

fn new() -> (MemoryHome, Index) {
    let home = MemoryHome::new();
    let index = home.open(&OpenOptions::new()).unwrap();
    (home, index)
}

/// The index as it is found after a power failure.
fn revision_after_power_loss(home: &MemoryHome, index: Index) -> u64 {
    let found = home.after_power_loss().unwrap();
    drop(index);
    found.open(&OpenOptions::new()).unwrap().revision()
}

#[test]
fn commits_that_came_while_another_synced_share_the_next_sync() {
    let (home, index) = new();
    let (ends, syncs) = together(&home, &index, SyncEnd::Works);
    assert!(ends.into_iter().all(|end| end.unwrap().is_ok()));
    assert_eq!(syncs, 2, "one that the first began, one for all who came meanwhile");
    assert_eq!((index.revision(), index.view().len()), (CALLERS as u64, CALLERS));
    assert_eq!(index.verify().unwrap(), []);
    assert_eq!(revision_after_power_loss(&home, index), CALLERS as u64);
}

#[test]
fn a_sync_that_fails_leaves_its_caller_in_doubt_and_refuses_those_who_come_after_it() {
    let (home, index) = new();
    let (ends, syncs) = together(&home, &index, SyncEnd::Fails);
    let mut errors = ends.into_iter().map(|end| end.unwrap().unwrap_err());
    let first = errors.next().unwrap();
    assert!(matches!(first, Error::Engine(EngineError::Unknown { revision: 1, .. })), "{first}");
    for error in errors {
        assert!(matches!(error, Error::Engine(EngineError::Stopped { .. })), "{error}");
    }
    assert_eq!((syncs, index.revision()), (1, 0));
}

#[test]
fn a_shared_sync_that_fails_leaves_everybody_in_doubt_and_nobody_waiting() {
    let (home, index) = new();
    home.hold_sync();
    let doubtful = thread::scope(|scope| {
        let call = |n: usize| {
            let index = &index;
            scope.spawn(move || index.assign(&format!("t/{n}"), ["A"]).map(drop))
        };
        let first = call(0);
        home.wait_for_sync();
        let others: Vec<_> = (1..CALLERS).map(call).collect();
        wait_until_others_wait(&index);
        home.misfortune(Misfortune::FailSync);
        home.let_go(SyncEnd::Works);
        first.join().unwrap().unwrap();
        let failed = others.into_iter().map(|other| other.join().unwrap().unwrap_err());
        let mut revisions: Vec<_> = failed
            .map(|error| match error {
                Error::Engine(EngineError::Unknown { revision, id: Some(id), .. }) => {
                    assert_ne!(index.outcome(revision, id).unwrap(), Outcome::Refused);
                    revision
                }
                other => panic!("{other}"),
            })
            .collect();
        revisions.sort_unstable();
        revisions
    });
    assert_eq!(doubtful, (2..=CALLERS as u64).collect::<Vec<_>>(), "each is told of its own commit");
    assert_eq!((index.revision(), index.view().len()), (1, 1));
    let error = index.assign("t/more", ["A"]).unwrap_err();
    assert!(matches!(error, Error::Engine(EngineError::Stopped { .. })), "{error}");
}

#[test]
fn a_sync_that_panics_leaves_nobody_waiting_and_loses_nothing_that_was_written() {
    let (home, index) = new();
    let (ends, _) = together(&home, &index, SyncEnd::Panics);
    assert!(ends[0].is_err());
    assert!(ends.into_iter().skip(1).all(|end| end.unwrap().is_ok()));
    assert_eq!((index.revision(), index.lead("t/0").as_deref()), (CALLERS as u64, Some("A")));
    assert_eq!(index.verify().unwrap(), []);
    assert_eq!(revision_after_power_loss(&home, index), CALLERS as u64);
}

/// A verification that came while a checkpoint was written was answered with the rows of that checkpoint, and newer
/// commits stayed without one.
#[test]
fn a_verification_compares_the_rows_of_the_newest_state_also_while_older_ones_are_written() {
    let home = MemoryHome::new();
    let index = home.open(&OpenOptions::new().durability(Durability::Lazy)).unwrap();
    index.assign("t/1", ["A"]).unwrap();
    home.hold_sync();
    thread::scope(|scope| {
        // The checkpointer syncs the log before it writes.
        let written = scope.spawn(|| index.checkpoint());
        home.wait_for_sync();
        index.assign("t/2", ["A"]).unwrap();
        let verified = scope.spawn(|| index.verify());
        // Long enough for the question to wait; shorter makes the test weaker, not red.
        thread::sleep(Duration::from_millis(100));
        home.let_go(SyncEnd::Works);
        written.join().unwrap().unwrap();
        assert_eq!(verified.join().unwrap().unwrap(), []);
    });
    let stats = index.stats().unwrap();
    assert_eq!((stats.checkpoint, stats.changes_since_checkpoint), (2, 0));
}
