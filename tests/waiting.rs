//! Callers that wait for the device together: they share what it does, and what it fails to do.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use responsibility_index::error::EngineError;
use responsibility_index::store::{Changes, EachRow, MemoryStore, Outcome, Store};
use responsibility_index::{Error, Index, OpenOptions, Result, Revision};

const CALLERS: usize = 8;

/// What the first sync does that is held.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Works,
    Fails,
    Panics,
}

/// A store whose next sync begins, and ends when it is let go.
struct Held {
    rows: MemoryStore,
    gate: Mutex<Gate>,
    moved: Condvar,
    commits: AtomicUsize,
    syncs: AtomicUsize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Gate {
    Open,
    Shut,
    /// Somebody is at it.
    Reached,
    LetGo(End),
}

impl Held {
    fn wait(&self, until: impl Fn(Gate) -> bool) -> Gate {
        *self.moved.wait_while(self.gate.lock().unwrap(), |gate| !until(*gate)).unwrap()
    }

    fn set(&self, gate: Gate) {
        *self.gate.lock().unwrap() = gate;
        self.moved.notify_all();
    }

    fn pass(&self) -> End {
        if self.wait(|_| true) != Gate::Shut {
            return End::Works;
        }
        self.set(Gate::Reached);
        let Gate::LetGo(end) = self.wait(|gate| matches!(gate, Gate::LetGo(_))) else { unreachable!() };
        self.set(Gate::Open);
        end
    }
}

impl Store for Held {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.rows.get(key)
    }

    fn scan(&self, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<()> {
        self.rows.scan(from, to, each)
    }

    fn commit(&self, changes: &Changes) -> Result<Outcome> {
        let outcome = self.rows.commit(changes);
        self.commits.fetch_add(1, Ordering::SeqCst);
        outcome
    }

    fn sync(&self, newest: Revision) -> Result<()> {
        self.syncs.fetch_add(1, Ordering::SeqCst);
        match self.pass() {
            End::Works => self.rows.sync(newest),
            End::Fails => Err(Error::Engine(EngineError::Failed { doing: "sync", why: "as meant".to_owned() })),
            End::Panics => panic!("as meant"),
        }
    }

    fn newest_durable(&self) -> Result<Revision> {
        self.rows.newest_durable()
    }

    fn bytes_on_disk(&self) -> Result<u64> {
        Ok(0)
    }
}

/// Lets one caller begin a sync and the others write and wait behind it, then ends that sync as told. Gives the
/// store, the index, what each of the callers got, and how many syncs there were.
fn together(end: End) -> (Arc<Held>, Index, Vec<thread::Result<Result<()>>>, usize) {
    let store = Arc::new(Held {
        rows: MemoryStore::new(),
        gate: Mutex::new(Gate::Open),
        moved: Condvar::new(),
        commits: AtomicUsize::new(0),
        syncs: AtomicUsize::new(0),
    });
    let index = OpenOptions::new().open_store(Arc::clone(&store) as _).unwrap();
    let (syncs, commits) = (store.syncs.load(Ordering::SeqCst), store.commits.load(Ordering::SeqCst));
    store.set(Gate::Shut);
    let ends = thread::scope(|scope| {
        let call = |n: usize| {
            let index = &index;
            scope.spawn(move || catch_unwind(AssertUnwindSafe(|| index.assign(&format!("t/{n}"), ["A"]).map(drop))))
        };
        let mut callers = vec![call(0)];
        store.wait(|gate| gate == Gate::Reached);
        callers.extend((1..CALLERS).map(call));
        while store.commits.load(Ordering::SeqCst) < commits + CALLERS {
            thread::yield_now();
        }
        store.set(Gate::LetGo(end));
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    let syncs = store.syncs.load(Ordering::SeqCst) - syncs;
    (store, index, ends, syncs)
}

#[test]
fn commits_that_were_written_while_another_synced_share_the_next_sync() {
    let (store, index, ends, syncs) = together(End::Works);
    assert!(ends.into_iter().all(|end| end.unwrap().is_ok()));
    assert_eq!(syncs, 2, "one that the first began, one for all who came meanwhile");
    assert_eq!((index.revision(), store.newest_durable().unwrap()), (CALLERS as u64, CALLERS as u64));
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn a_sync_that_fails_leaves_everybody_who_waited_for_it_in_doubt_and_nobody_waiting() {
    let (store, index, ends, syncs) = together(End::Fails);
    for end in ends {
        let error = end.unwrap().unwrap_err();
        assert!(matches!(error, Error::Engine(EngineError::Unknown { .. })), "{error}");
    }
    assert_eq!((syncs, index.revision(), store.newest_durable().unwrap()), (1, 0, 0));
    let error = index.assign("t/more", ["A"]).unwrap_err();
    assert!(matches!(error, Error::Engine(EngineError::Stopped { .. })), "{error}");
}

#[test]
fn a_sync_that_panics_leaves_nobody_waiting() {
    let (store, index, ends, syncs) = together(End::Panics);
    let panicked = ends.iter().filter(|end| end.is_err()).count();
    assert!(panicked == 1 && ends.into_iter().filter_map(thread::Result::ok).all(|end| end.is_ok()));
    assert_eq!((syncs, index.revision(), store.newest_durable().unwrap()), (2, CALLERS as u64, CALLERS as u64));
}
