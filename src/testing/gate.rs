//! A gate before the syncs of a log, for tests of callers that wait for the device together: it holds the next one.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::model::{EngineError, Result};

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
enum Position {
    #[default]
    Open,
    Shut,
    /// A sync has begun.
    Reached,
    LetGo(SyncEnd),
}

/// A gate that all handles on a log share.
#[derive(Clone, Default)]
pub(super) struct Gate {
    shared: Arc<(Mutex<(Position, usize)>, Condvar)>,
}

impl Gate {
    /// Holds the next sync.
    pub(super) fn shut(&self) {
        self.set(Position::Shut);
    }

    /// Waits until a sync is held.
    pub(super) fn wait_until_reached(&self) {
        self.wait(|position| position == Position::Reached);
    }

    /// Lets the sync that is held go.
    pub(super) fn let_go(&self, end: SyncEnd) {
        self.set(Position::LetGo(end));
    }

    /// The number of syncs that were begun.
    pub(super) fn syncs(&self) -> usize {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    fn set(&self, position: Position) {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner).0 = position;
        self.shared.1.notify_all();
    }

    fn wait(&self, until: impl Fn(Position) -> bool) -> Position {
        let state = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.shared.1.wait_timeout_while(state, PATIENCE, |state| !until(state.0));
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.timed_out(), "nothing came to the gate for {PATIENCE:?}");
        state.0
    }

    /// Lets a sync through, once it is let go if it is the one to be held.
    pub(super) fn pass(&self) -> Result<()> {
        match self.end_of_this() {
            SyncEnd::Works => Ok(()),
            SyncEnd::Fails => Err(EngineError::Failed { doing: "sync", why: "as meant".to_owned() }.into()),
            #[expect(clippy::panic, reason = "it is what the test asked for")]
            SyncEnd::Panics => panic!("as meant"),
        }
    }

    fn end_of_this(&self) -> SyncEnd {
        {
            let mut state = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.1 += 1;
            if state.0 != Position::Shut {
                return SyncEnd::Works;
            }
        }
        self.set(Position::Reached);
        let end = self.wait(|position| matches!(position, Position::LetGo(_)));
        self.set(Position::Open);
        if let Position::LetGo(end) = end { end } else { SyncEnd::Works }
    }
}
