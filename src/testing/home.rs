//! A place in memory for an index that is closed and opened again, with a log and rows that can be made to fail.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use crate::commit_log::Misfortune;
use crate::commit_log::{Adversary, CommitLog, Entry, EntryId, MemoryLog};
use crate::index::{Index, OpenOptions};
use crate::model::Result;
use crate::persist::{Rows, RowsWorker, Sources};
pub use crate::store::Fault;
use crate::store::MemoryStore;

use super::gate::Gate;
pub use super::gate::SyncEnd;

/// A log and rows in memory, which outlive the indexes that are opened over them. One at a time is open.
#[derive(Clone, Default)]
pub struct MemoryHome {
    log: MemoryLog,
    gate: Gate,
    rows: MemoryStore,
    /// The log of the index that is open.
    open: Arc<Mutex<Option<Arc<Adversary<MemoryLog>>>>>,
}

impl std::fmt::Debug for MemoryHome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryHome").finish_non_exhaustive()
    }
}

impl MemoryHome {
    /// An empty place.
    #[must_use]
    pub fn new() -> MemoryHome {
        MemoryHome::default()
    }

    /// Opens the index.
    ///
    /// # Errors
    /// Those of [`OpenOptions::open`].
    pub fn open(&self, options: &OpenOptions) -> Result<Index> {
        let (log, gate) = (self.log.clone(), self.gate.clone());
        let log = if options.is_lazy() { log.lazy() } else { log };
        let log = Arc::new(Adversary::before_sync(log, move || gate.pass()));
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&log));
        let patience = Duration::from_secs(20);
        let mut troubles = Vec::new();
        let found = start(&self.rows).map_err(|why| troubles.push(why)).ok().and_then(|worker| {
            let read = worker.begin(|rows| rows.as_mut().map(Rows::read)).wait(patience).flatten()?;
            read.map_err(|why| troubles.push(why.to_string())).ok().map(|read| (worker, read))
        });
        let sources = Sources { log: log as Arc<dyn CommitLog>, id: EntryId::NONE, found, had_rows: true, patience };
        let again = |_: &mut Vec<String>| {
            self.rows.clear();
            start(&self.rows).ok()
        };
        Ok(options.open_sources(sources.open(again, troubles)?))
    }

    /// Lets the log of the open index have a misfortune, after those that are to come.
    pub fn misfortune(&self, misfortune: Misfortune) {
        if let Some(log) = &*self.open.lock().unwrap_or_else(PoisonError::into_inner) {
            log.add(misfortune);
        }
    }

    /// Holds the next sync of the log.
    pub fn hold_sync(&self) {
        self.gate.shut();
    }

    /// Waits until a sync is held.
    pub fn wait_for_sync(&self) {
        self.gate.wait_until_reached();
    }

    /// Ends the sync that is held.
    pub fn let_go(&self, end: SyncEnd) {
        self.gate.let_go(end);
    }

    /// The number of syncs of the log so far.
    #[must_use]
    pub fn syncs(&self) -> usize {
        self.gate.syncs()
    }

    /// Lets the rows fail once.
    pub fn fail_rows(&self, fault: Fault) {
        self.rows.inject(fault);
    }

    /// Loses what was not synced, as a power failure does. No index is open meanwhile.
    pub fn lose_power(&self) {
        self.log.lose_power();
        self.rows.lose_power();
    }

    /// The place as it would be found after a power failure now: a copy, with what was synced. The index that is open
    /// goes on here.
    ///
    /// # Errors
    /// [`LogError::Trimmed`](crate::error::LogError::Trimmed) for a log that was trimmed.
    pub fn after_power_loss(&self) -> Result<MemoryHome> {
        // Rows first: rows that are older than the log are what a crash leaves.
        let home = MemoryHome { rows: self.rows.copy_of_synced(), ..MemoryHome::default() };
        let entries = self.log.read(0, usize::MAX)?.entries;
        if !entries.is_empty() {
            home.log.append(0, &entries)?;
            home.log.sync()?;
        }
        Ok(home)
    }

    /// Every row, in key order.
    #[must_use]
    pub fn rows(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.rows.rows()
    }

    /// The pieces of each entry of the log, as [`fuzz::pieces`](super::fuzz::pieces) takes them, with the time of a
    /// commit in 1970.
    #[must_use]
    pub fn entries(&self) -> Vec<Vec<u8>> {
        let entries = self.log.read(0, usize::MAX).map_or(Vec::new(), |tail| tail.entries);
        let pieces = |entry: &Entry| {
            let pieces = entry.payload.pieces();
            pieces
                .flat_map(|piece| [&(piece.bytes.len() as u16).to_le_bytes(), piece.bytes.as_slice()].concat())
                .collect()
        };
        entries.iter().map(pieces).collect()
    }

    /// Replaces or removes one row.
    pub fn tamper(&self, key: &[u8], value: Option<Vec<u8>>) {
        self.rows.tamper(key, value);
    }

    /// Removes all rows.
    pub fn remove_rows(&self) {
        self.rows.clear();
    }
}

fn start(rows: &MemoryStore) -> Result<RowsWorker, String> {
    let rows = Rows::new(Box::new(rows.clone()));
    RowsWorker::start("rows", Some(rows)).map_err(|why| why.to_string())
}
