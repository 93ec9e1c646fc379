//! A log in memory, which lives as long as a handle on it. Knows nothing of files.
//!
//! It keeps all entries until they are trimmed. It is as strict as a log in files: what is not synced is shown by lazy
//! handles only. It is stricter in that it checks all entries and tags, and that an id is used once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::CommitLog;
use super::entry::{
    Appended, Base, Collector, EachBasePiece, EachPiece, Entry, EntryId, Head, PieceOf, Position, Tail, bug, check,
    check_pieces,
};
use crate::id::Revision;
use crate::model::{Error, LogError, Result};

/// A handle on a log in memory. A clone is another handle on the same log.
#[derive(Clone, Default)]
pub(crate) struct MemoryLog {
    shared: Arc<Shared>,
    /// Whether it shows all that is written, or only what is synced.
    lazy: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    synced: Condvar,
}

struct State {
    /// All after `oldest`. Shared with scans, which hold no lock.
    entries: Vec<Arc<Entry>>,
    oldest: Head,
    /// The tag of the last piece up to `oldest`.
    oldest_tag: u64,
    durable: Head,
    bases: BTreeMap<Revision, Arc<Base>>,
    /// The ids of all entries and bases that there ever were.
    ids: BTreeSet<EntryId>,
    tag: u64,
}

impl Default for State {
    fn default() -> State {
        let (oldest, durable) = (Head::START, Head::START);
        let (bases, ids) = (BTreeMap::new(), BTreeSet::new());
        State { entries: Vec::new(), oldest, oldest_tag: 0, durable, bases, ids, tag: 0 }
    }
}

impl MemoryLog {
    /// An empty log.
    pub(crate) fn new() -> MemoryLog {
        MemoryLog::default()
    }

    /// The same log, with a handle that shows all that is written.
    pub(crate) fn lazy(self) -> MemoryLog {
        MemoryLog { lazy: true, ..self }
    }

    /// A log that begins with a base.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn with_base(base: Base) -> MemoryLog {
        let log = MemoryLog::new();
        {
            let mut state = log.state();
            (state.oldest, state.durable) = (base.head, base.head);
            (state.oldest_tag, state.tag) = (base.tag, base.tag);
            state.ids.insert(base.head.id);
            state.bases.insert(base.head.revision, Arc::new(base));
        }
        log
    }

    /// Loses what was not synced, as a power failure does.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn lose_power(&self) {
        let mut state = self.state();
        let durable = state.durable.revision;
        state.entries.retain(|entry| entry.revision <= durable);
    }

    fn base(&self, revision: Revision) -> Result<Arc<Base>> {
        let missing = || bug(&format!("there is no base at revision {revision}"));
        self.state().bases.get(&revision).cloned().ok_or_else(missing)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn head(&self) -> Head {
        self.entries.last().map_or(self.oldest, |entry| entry.head())
    }

    fn sync(&mut self) {
        self.durable = self.head();
    }

    /// The newest entry that is shown.
    fn shown(&self, lazy: bool) -> Head {
        if lazy { self.head() } else { self.durable }
    }

    /// The entry after a revision; `None` if none is shown.
    fn next(&self, after: Revision, lazy: bool) -> Result<Option<Arc<Entry>>> {
        let Some(position) = after.checked_sub(self.oldest.revision) else {
            return Err(LogError::Trimmed { asked: after, oldest: self.oldest.revision }.into());
        };
        let next = self.entries.get(position as usize);
        Ok(next.filter(|entry| entry.revision <= self.shown(lazy).revision).cloned())
    }

    fn read(&self, after: Revision, most_bytes: usize, lazy: bool) -> Result<Tail> {
        let mut collector = Collector::new(most_bytes);
        let mut at = after;
        while let Some(entry) = self.next(at, lazy)? {
            at = entry.revision;
            if hand_out(&entry, &mut |piece| Ok(collector.take(piece)))?.is_break() {
                break;
            }
        }
        Ok(Tail { entries: collector.entries, head: self.shown(lazy) })
    }

    fn check_new(&self, entries: &[Entry]) -> Result<()> {
        if entries.iter().any(|entry| self.ids.contains(&entry.id)) {
            return Err(bug("an id is used twice: each attempt needs new ones"));
        }
        if entries.first().is_some_and(|entry| entry.payload.first_tag() < self.tag) {
            return Err(bug("the tag is below that of the entry before"));
        }
        Ok(())
    }
}

/// Hands out the pieces of an entry.
fn hand_out(entry: &Entry, each: &mut EachPiece<'_>) -> Result<ControlFlow<()>> {
    let mut pieces = (0..).zip(entry.payload.pieces()).peekable();
    while let Some((part, piece)) = pieces.next() {
        let (last, tag, bytes) = (pieces.peek().is_none(), piece.tag, &piece.bytes);
        let piece = PieceOf { entry: entry.head(), previous: entry.previous, part, last, tag, bytes };
        if each(piece)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

impl CommitLog for MemoryLog {
    fn append(&self, from: Revision, entries: &[Entry]) -> Result<Appended> {
        check(from, entries)?;
        let mut state = self.state();
        let head = state.head();
        if from < head.revision {
            state.sync();
            self.shared.synced.notify_all();
            let tail = match state.read(from, super::READ_BYTES, self.lazy) {
                // The caller is told so when it reads on.
                Err(Error::Log(LogError::Trimmed { .. })) => Tail { entries: Vec::new(), head: state.shown(self.lazy) },
                read => read?,
            };
            return Ok(Appended::Behind(tail));
        }
        if from > head.revision || entries.first().is_some_and(|entry| entry.previous != head.id) {
            return Err(LogError::Forked { revision: from }.into());
        }
        state.check_new(entries)?;
        state.ids.extend(entries.iter().map(|entry| entry.id));
        state.tag = entries.last().map_or(state.tag, |entry| entry.tag());
        state.entries.extend(entries.iter().cloned().map(Arc::new));
        Ok(Appended::Done(Position::default()))
    }

    fn read(&self, after: Revision, most_bytes: usize) -> Result<Tail> {
        self.state().read(after, most_bytes, self.lazy)
    }

    fn scan(&self, after: Revision, each: &mut EachPiece<'_>) -> Result<Head> {
        let (mut at, head) = (after, self.state().shown(self.lazy));
        loop {
            let entry = self.state().next(at, self.lazy)?.filter(|entry| entry.revision <= head.revision);
            let Some(entry) = entry else { return Ok(head) };
            at = entry.revision;
            if hand_out(&entry, each)?.is_break() {
                return Ok(head);
            }
        }
    }

    fn scan_tag(&self, tag: u64, each: &mut EachPiece<'_>) -> Result<()> {
        let first = {
            let state = self.state();
            if tag < state.oldest_tag {
                return Err(LogError::TagTrimmed { asked: tag, oldest: state.oldest_tag }.into());
            }
            let first = state.entries.partition_point(|entry| entry.tag() <= tag);
            state.entries.get(first).map(|entry| entry.revision)
        };
        let Some(first) = first else { return Ok(()) };
        let above = &mut |piece: PieceOf<'_>| if piece.tag > tag { each(piece) } else { Ok(ControlFlow::Continue(())) };
        self.scan(first - 1, above).map(|_| ())
    }

    fn wait(&self, after: Revision, patience: Duration) -> Result<Head> {
        let start = Instant::now();
        let mut state = self.state();
        loop {
            let shown = state.shown(self.lazy);
            let left = patience.saturating_sub(start.elapsed());
            if shown.revision > after || left.is_zero() {
                return Ok(shown);
            }
            let woken = self.shared.synced.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn end(&self) -> Result<(Head, Position)> {
        Ok((self.state().shown(self.lazy), Position::default()))
    }

    fn oldest(&self) -> Revision {
        self.state().oldest.revision
    }

    fn check(&self) -> Result<Vec<LogError>> {
        Ok(Vec::new())
    }

    fn close(&self) -> Result<()> {
        self.sync().map(drop)
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
        self.base(revision).map(|base| Base::clone(&base))
    }

    fn scan_base(&self, revision: Revision, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        let base = self.base(revision)?;
        for piece in base.payload.pieces() {
            if each(piece.tag, &piece.bytes)?.is_break() {
                break;
            }
        }
        Ok((base.head, base.tag))
    }

    fn scan_base_tag(&self, revision: Revision, tag: u64, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        self.scan_base(revision, &mut |other, bytes| {
            if other > tag { each(other, bytes) } else { Ok(ControlFlow::Continue(())) }
        })
    }

    fn put_base(&self, base: &Base) -> Result<()> {
        check_pieces(&base.payload, 0, "the base")?;
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
        state.bases.insert(base.head.revision, Arc::new(base.clone()));
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
        if let Some(removed) = state.entries.iter().rev().find(|entry| entry.revision <= up_to).cloned() {
            (state.oldest, state.oldest_tag) = (removed.head(), removed.tag());
        }
        state.entries.retain(|entry| entry.revision > up_to);
        state.bases.retain(|revision, _| *revision >= head.revision);
        Ok(())
    }
}
