//! A log whose next sync can be held, for tests of callers that wait for the device together.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::commit_log::{Appended, Base, CommitLog, EachBasePiece, EachPiece, Entry, Head, MemoryLog, Position, Tail};
use crate::id::Revision;
use crate::model::{EngineError, LogError, Result};

/// After which a test that waits fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a sync ends that was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncEnd {
    /// It is done.
    Works,
    /// It fails, with nothing durable.
    Fails,
    /// It panics.
    Panics,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gate {
    #[default]
    Open,
    Shut,
    /// A sync has begun.
    Reached,
    LetGo(SyncEnd),
}

/// A log in memory behind a gate.
#[derive(Clone, Default)]
pub(super) struct GatedLog {
    pub(super) log: MemoryLog,
    shared: Arc<(Mutex<(Gate, usize)>, Condvar)>,
}

impl GatedLog {
    /// A handle on the same log.
    pub(super) fn handle(&self, lazy: bool) -> GatedLog {
        let log = self.log.clone();
        GatedLog { log: if lazy { log.lazy() } else { log }, ..self.clone() }
    }

    /// Holds the next sync.
    pub(super) fn shut(&self) {
        self.set(Gate::Shut);
    }

    /// Waits until a sync is held.
    pub(super) fn wait_until_reached(&self) {
        self.wait(|gate| gate == Gate::Reached);
    }

    /// Lets the sync that is held go.
    pub(super) fn let_go(&self, end: SyncEnd) {
        self.set(Gate::LetGo(end));
    }

    /// The number of syncs that were begun.
    pub(super) fn syncs(&self) -> usize {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    fn set(&self, gate: Gate) {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner).0 = gate;
        self.shared.1.notify_all();
    }

    fn wait(&self, until: impl Fn(Gate) -> bool) -> Gate {
        let state = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.shared.1.wait_timeout_while(state, PATIENCE, |state| !until(state.0));
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.timed_out(), "nothing came to the gate for {PATIENCE:?}");
        state.0
    }

    fn pass(&self) -> SyncEnd {
        {
            let mut state = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.1 += 1;
            if state.0 != Gate::Shut {
                return SyncEnd::Works;
            }
        }
        self.set(Gate::Reached);
        let end = self.wait(|gate| matches!(gate, Gate::LetGo(_)));
        self.set(Gate::Open);
        if let Gate::LetGo(end) = end { end } else { SyncEnd::Works }
    }
}

impl CommitLog for GatedLog {
    fn append(&self, from: Revision, entries: &[Entry]) -> Result<Appended> {
        self.log.append(from, entries)
    }

    fn read(&self, after: Revision, most_bytes: usize) -> Result<Tail> {
        self.log.read(after, most_bytes)
    }

    fn scan(&self, after: Revision, each: &mut EachPiece<'_>) -> Result<Head> {
        self.log.scan(after, each)
    }

    fn scan_tag(&self, tag: u64, each: &mut EachPiece<'_>) -> Result<()> {
        self.log.scan_tag(tag, each)
    }

    fn wait(&self, after: Revision, patience: Duration) -> Result<Tail> {
        CommitLog::wait(&self.log, after, patience)
    }

    fn end(&self) -> Result<(Head, Position)> {
        self.log.end()
    }

    fn oldest(&self) -> Revision {
        self.log.oldest()
    }

    fn check(&self) -> Result<Vec<LogError>> {
        self.log.check()
    }

    fn close(&self) -> Result<()> {
        self.log.close()
    }

    fn sync(&self) -> Result<Revision> {
        match self.pass() {
            SyncEnd::Works => self.log.sync(),
            SyncEnd::Fails => Err(EngineError::Failed { doing: "sync", why: "as meant".to_owned() }.into()),
            #[expect(clippy::panic, reason = "it is what the test asked for")]
            SyncEnd::Panics => panic!("as meant"),
        }
    }

    fn bases(&self) -> Result<Vec<Revision>> {
        self.log.bases()
    }

    fn read_base(&self, revision: Revision) -> Result<Base> {
        self.log.read_base(revision)
    }

    fn scan_base(&self, revision: Revision, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        self.log.scan_base(revision, each)
    }

    fn scan_base_tag(&self, revision: Revision, tag: u64, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        self.log.scan_base_tag(revision, tag, each)
    }

    fn put_base(&self, base: &Base) -> Result<()> {
        self.log.put_base(base)
    }

    fn trim(&self, up_to: Revision) -> Result<()> {
        self.log.trim(up_to)
    }
}
