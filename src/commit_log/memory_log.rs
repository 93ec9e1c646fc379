//! A log in memory, which lives as long as a handle on it. Knows nothing of files.
//!
//! It keeps all entries until they are trimmed. It is as strict as a log in files and its synced handles: what is not
//! synced is not shown. It is stricter in that it checks all entries and tags, and that an id is used once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::CommitLog;
use super::entry::{Appended, Base, Entry, EntryId, Head, Tail, bug, check};
use crate::id::Revision;
use crate::model::{LogError, Result};

/// A handle on a log in memory. A clone is another handle on the same log.
#[derive(Clone, Default)]
pub(crate) struct MemoryLog {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    synced: Condvar,
}

struct State {
    /// All after `oldest`.
    entries: Vec<Entry>,
    oldest: Head,
    durable: Head,
    bases: BTreeMap<Revision, Base>,
    /// The ids of all entries and bases that there ever were.
    ids: BTreeSet<EntryId>,
    tag: u64,
}

impl Default for State {
    fn default() -> State {
        let (oldest, durable) = (Head::START, Head::START);
        State { entries: Vec::new(), oldest, durable, bases: BTreeMap::new(), ids: BTreeSet::new(), tag: 0 }
    }
}

impl MemoryLog {
    /// An empty log.
    pub(crate) fn new() -> MemoryLog {
        MemoryLog::default()
    }

    /// A log that begins with a base.
    pub(crate) fn with_base(base: Base) -> MemoryLog {
        let log = MemoryLog::new();
        {
            let mut state = log.state();
            (state.oldest, state.durable, state.tag) = (base.head, base.head, base.tag);
            state.ids.insert(base.head.id);
            state.bases.insert(base.head.revision, base);
        }
        log
    }

    /// Loses what was not synced, as a power failure does.
    #[cfg(test)]
    pub(crate) fn lose_power(&self) {
        let mut state = self.state();
        let durable = state.durable.revision;
        state.entries.retain(|entry| entry.revision <= durable);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn head(&self) -> Head {
        self.entries.last().map_or(self.oldest, Entry::head)
    }

    fn sync(&mut self) {
        self.durable = self.head();
    }

    fn read(&self, after: Revision, most_bytes: usize) -> Result<Tail> {
        if after < self.oldest.revision {
            return Err(LogError::Trimmed { asked: after, oldest: self.oldest.revision }.into());
        }
        let shown = self.entries.iter().take_while(|entry| entry.revision <= self.durable.revision);
        let mut bytes = 0;
        let entries = shown.skip_while(|entry| entry.revision <= after).take_while(|entry| {
            let fits = bytes == 0 || bytes < most_bytes;
            // An entry without payload counts too, so that `most_bytes` of 0 gives one entry.
            bytes += entry.payload.len().max(1);
            fits
        });
        Ok(Tail { entries: entries.cloned().collect(), head: self.durable })
    }

    fn check_new(&self, entries: &[Entry]) -> Result<()> {
        if entries.iter().any(|entry| self.ids.contains(&entry.id)) {
            return Err(bug("an id is used twice: each attempt needs new ones"));
        }
        if entries.first().is_some_and(|entry| entry.tag < self.tag) {
            return Err(bug("the tag is below that of the entry before"));
        }
        Ok(())
    }
}

impl CommitLog for MemoryLog {
    fn append(&self, from: Revision, entries: &[Entry]) -> Result<Appended> {
        check(from, entries)?;
        let mut state = self.state();
        let head = state.head();
        if from < head.revision {
            state.sync();
            self.shared.synced.notify_all();
            return Ok(Appended::Behind(state.read(from, usize::MAX)?));
        }
        if from > head.revision || entries.first().is_some_and(|entry| entry.previous != head.id) {
            return Err(LogError::Forked { revision: from }.into());
        }
        state.check_new(entries)?;
        state.ids.extend(entries.iter().map(|entry| entry.id));
        state.tag = entries.last().map_or(state.tag, |entry| entry.tag);
        state.entries.extend_from_slice(entries);
        Ok(Appended::Done)
    }

    fn read(&self, after: Revision, most_bytes: usize) -> Result<Tail> {
        self.state().read(after, most_bytes)
    }

    fn wait(&self, after: Revision, patience: Duration) -> Result<Tail> {
        let start = Instant::now();
        let mut state = self.state();
        loop {
            let tail = state.read(after, super::WAIT_BYTES)?;
            let left = patience.saturating_sub(start.elapsed());
            if !tail.entries.is_empty() || left.is_zero() {
                return Ok(tail);
            }
            let woken = self.shared.synced.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn sync(&self) -> Result<Revision> {
        let mut state = self.state();
        state.sync();
        self.shared.synced.notify_all();
        Ok(state.durable.revision)
    }

    fn bases(&self) -> Result<Vec<Revision>> {
        Ok(self.state().bases.keys().copied().collect())
    }

    fn read_base(&self, revision: Revision) -> Result<Base> {
        let missing = || bug(&format!("there is no base at revision {revision}"));
        self.state().bases.get(&revision).cloned().ok_or_else(missing)
    }

    fn put_base(&self, base: &Base) -> Result<()> {
        let mut state = self.state();
        state.sync();
        let entry = state.entries.iter().find(|entry| entry.revision == base.head.revision);
        match entry {
            None => return Err(bug("a base of entries that are not in the log")),
            Some(entry) if entry.id != base.head.id => {
                return Err(LogError::Forked { revision: base.head.revision }.into());
            }
            Some(_) => {}
        }
        state.bases.insert(base.head.revision, base.clone());
        let (begin, newest) = (state.bases.keys().next().copied(), state.bases.keys().next_back().copied());
        state.bases.retain(|revision, _| Some(*revision) == begin || Some(*revision) == newest);
        Ok(())
    }

    fn trim(&self, up_to: Revision) -> Result<()> {
        let mut state = self.state();
        let newest = state.bases.keys().next_back().copied().unwrap_or(0);
        let Some(head) = state.bases.range(up_to..).next().map(|(_, base)| base.head) else {
            return Err(LogError::NoBase { asked: up_to, newest }.into());
        };
        // All that may be removed, so that a caller that needs more finds out.
        let removed = state.entries.iter().rev().find(|entry| entry.revision <= up_to).map(Entry::head);
        state.oldest = removed.unwrap_or(state.oldest);
        state.entries.retain(|entry| entry.revision > up_to);
        state.bases.retain(|revision, _| *revision >= head.revision);
        Ok(())
    }
}
