//! Machines that share a log in memory: a model in which nothing happens but what the test does.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::commit_log::{Adversary, Call, CommitLog, MemoryLog, Misfortune};
use crate::index::{Index, OpenOptions};
use crate::model::Result;

/// A log in memory that machines share.
#[derive(Clone, Default)]
pub struct MemoryMachines {
    log: MemoryLog,
}

/// A machine: an index that has read nothing of the log yet, and that does not follow by itself.
#[derive(Clone)]
pub struct MemoryMachine {
    index: Index,
    log: Arc<Adversary<MemoryLog>>,
    interruption: Interruption,
}

/// What is done before the next append.
type Interruption = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

impl std::fmt::Debug for MemoryMachines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryMachines").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for MemoryMachine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("MemoryMachine").field(&self.index).finish()
    }
}

fn take(interruption: &Interruption) -> Option<Box<dyn FnOnce() + Send>> {
    interruption.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl MemoryMachines {
    /// An empty log.
    #[must_use]
    pub fn new() -> MemoryMachines {
        MemoryMachines::default()
    }

    /// A new machine.
    #[must_use]
    pub fn open(&self, options: &OpenOptions) -> MemoryMachine {
        let interruption = Interruption::default();
        let interrupts = Arc::clone(&interruption);
        let before = move |call| {
            if call == Call::Append
                && let Some(interrupt) = take(&interrupts)
            {
                interrupt();
            }
            Ok(())
        };
        // What is in a shared log is durable, so it is shown.
        let log = Arc::new(Adversary::of_machines(self.log.clone().lazy(), before));
        let index = options.open_log(Arc::clone(&log) as Arc<dyn CommitLog>);
        MemoryMachine { index, log, interruption }
    }
}

impl MemoryMachine {
    /// Its index.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Lets its log have a misfortune, after those that are to come.
    pub fn misfortune(&self, misfortune: Misfortune) {
        self.log.add(misfortune);
    }

    /// Does something between the planning of its next commit and the append. It must not use this machine.
    pub fn before_append(&self, act: impl FnOnce() + Send + 'static) {
        *self.interruption.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(act));
    }

    /// Forgets misfortunes and interruptions that are to come.
    pub fn calm(&self) {
        self.log.calm();
        drop(take(&self.interruption));
    }

    /// Does the oldest append whose answer was lost and that is late, if it still fits. Returns whether there was one.
    pub fn apply_late(&self) -> bool {
        self.log.apply_late()
    }

    /// Does what the thread that follows does when it is woken. Returns whether anything was published.
    ///
    /// # Errors
    /// Those of the log.
    pub fn follow(&self) -> Result<bool> {
        self.index.shared().follow_once(Duration::ZERO)
    }
}
